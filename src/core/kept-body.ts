/** By kind, what reads the body of a definition, and throws for one that is none. Of other kinds nobody reads bodies. */
import { readBatch } from './batch-record.ts';
import type { DefinitionKind } from './definition.ts';
import { readCheckpoint, readMail } from './mail.ts';
import { readTask } from './task-record.ts';
import { readTrigger } from './trigger-record.ts';

export const bodyReaders: Readonly<Partial<Record<DefinitionKind, (body: string | null) => unknown>>> = {
  trigger: readTrigger,
  batch: readBatch,
  task: readTask,
  checkpoint: readCheckpoint,
  mail: readMail,
};
