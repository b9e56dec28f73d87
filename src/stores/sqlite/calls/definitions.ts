/** The calls of definitions. */
import { definitionKinds, firingOverlaps } from '../../../core/definition.ts';
import type { AttemptRef } from '../../../core/job.ts';
import type { DefinitionCopy } from '../../../core/transfer.ts';
import { putOffReasons } from '../../../core/window.ts';
import type { DefinitionPut, DefinitionQuery, DefinitionStore, Firing } from '../../../ports/store/definitions.ts';
import { sizeOfDefinitionCopies, sizeOfFirings, sizeOfParts, sizeOfPuts } from '../../size.ts';
import { readDefinition } from '../file/rows/definition.ts';
import type { CallsOf } from './call.ts';
import {
  args,
  type Codec,
  fields,
  flag,
  json,
  list,
  misread,
  nullable,
  number,
  numberOrNull,
  readable,
  text,
  textOrNull,
  variants,
  word,
} from './codec.ts';
import { attemptRef } from './jobs.ts';
import { newJob } from './new-job.ts';

/** Rows, and how many of the jobs of each live. */
const readableDefinitions = readable(readDefinition);
const key = { kind: word(definitionKinds), domain: text, key: text };

const puts = list(
  fields({
    ...key,
    group: text,
    body: textOrNull,
    state: textOrNull,
    due: word(['now', 'never', 'same']),
    dueOnEnd: flag,
    note: text,
    if: numberOrNull,
  }),
);
const by = nullable(attemptRef);
const putArgs: Codec<Readonly<Parameters<DefinitionStore['put']>>, readonly [readonly DefinitionPut[], AttemptRef | null]> = {
  write(cells, [asked, attempt]) {
    puts.write(
      cells,
      asked.map((put) => ({ ...put, note: put.note ?? '' })),
    );
    by.write(cells, attempt ?? null);
  },
  read: (tape) => [puts.read(tape), by.read(tape)],
};

const next: Codec<Firing['next']> = {
  write: (cells, value) => void cells.push(value),
  read(tape) {
    const cell = tape.cell();
    return cell === null || typeof cell === 'number' || cell === 'removed' ? cell : misread('a time or `removed`', cell);
  },
};
const firing = fields({
  ...{ ...key, version: number, tick: number, next, state: text, note: text },
  jobs: list(newJob),
  overlap: word(firingOverlaps),
  knownPutOff: nullable(word(putOffReasons)),
  collect: nullable(fields({ payload: args(text, text), about: args(text, text, text) })),
});

/** Its jobs are rows: the writer does not look at them. */
export type AskedFiring = ReturnType<typeof firing.read>;

export const part = fields({ ...key, text, wait: number, maxWait: numberOrNull, most: fields({ parts: number, characters: number }) });

const page = fields({
  definitions: readableDefinitions,
  next: nullable(fields({ domain: text, key: text })),
  newest: number,
  newestOfGroup: number,
  complete: flag,
  more: flag,
});

export const definitionCalls = {
  put: {
    thread: 'writer',
    size: sizeOfPuts,
    args: putArgs,
    answer: variants({ put: { versions: list(number) }, stale: { at: number, version: number }, lost: {} }),
  },
  list: { thread: 'reader', args: args(json<DefinitionQuery>()), answer: page },
  count: { thread: 'reader', args: args(fields({ kind: key.kind, domain: text, group: text, limit: number })), answer: number },
  due: {
    thread: 'writer',
    args: args(list(key.kind), number, number),
    answer: fields({ now: number, definitions: readableDefinitions, nextIn: numberOrNull }),
  },
  fire: {
    thread: 'writer',
    size: sizeOfFirings,
    args: args(list(firing)),
    answer: list(variants({ fired: { ids: list(text) }, overlap: {}, replacing: {}, putOff: { reason: word(putOffReasons) }, lost: {} })),
  },
  gather: { thread: 'writer', size: sizeOfParts, args: args(list(part)), answer: list(word(['gathered', 'dropped', 'missing'])) },
  parts: { thread: 'reader', args: args(fields(key)), answer: list(text) },
  restore: {
    thread: 'writer',
    size: sizeOfDefinitionCopies,
    args: args(list(json<DefinitionCopy>())),
    answer: list(word(['restored', 'exists'])),
  },
} satisfies CallsOf<DefinitionStore>;
