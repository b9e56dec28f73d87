/** What tasks kept that are gone: their checkpoints, and the control messages that nobody handles any more. */
import type { Definition, DefinitionKey } from '../core/definition.ts';
import { taskOfMail } from '../core/mail.ts';
import { checkpointKeyOf, type TaskRef, taskKeyOf } from '../core/task.ts';
import type { DefinitionStore } from '../ports/store/definitions.ts';
import { mailOf } from './task-mail.ts';

const gone = { group: '', body: null, state: null, due: 'never', dueOnEnd: false } as const;

/** The task for which it is kept; `null`: it is not for a task alone. */
const taskFor = ({ kind, domain, key }: DefinitionKey): TaskRef | null =>
  kind === 'checkpoint' ? { domain, id: key } : kind === 'mail' ? taskOfMail({ kind, domain, key }) : null;

/** Removes what a task kept, unless there is one of this id: it may have been made again. */
export async function removeLeftovers(definitions: DefinitionStore, ref: TaskRef): Promise<void> {
  const { definitions: kept } = await definitions.list({ by: 'keys', keys: [checkpointKeyOf(ref)] });
  await removeUnlessThere(definitions, ref, [...kept, ...(await mailOf(definitions, ref))]);
}

/** The same of what is left of somebody: a node may have died before it had removed all. */
export async function removeIfLeft(definitions: DefinitionStore, kept: Definition): Promise<void> {
  const ref = taskFor(kept);
  if (ref !== null) await removeUnlessThere(definitions, ref, [kept]);
}

/** What was read before the task was looked for is its own: what a later one keeps has other versions. */
async function removeUnlessThere(definitions: DefinitionStore, ref: TaskRef, kept: readonly Definition[]): Promise<void> {
  if (kept.length === 0) return;
  const { definitions: there } = await definitions.list({ by: 'keys', keys: [taskKeyOf(ref)] });
  if (there.length > 0) return;
  const puts = kept.map(({ kind, domain, key, version }) => definitions.put([{ kind, domain, key, ...gone, if: version }]));
  await Promise.all(puts);
}
