/** Numbers that stand for words in the file, and so between the threads too. None ever changes its meaning. */
import type { DefinitionKind } from '../../../core/definition.ts';
import type { AttemptEnd, JobState, JobVerb } from '../../../core/job.ts';
import type { NodeMode } from '../../../core/node.ts';

export const stateCodes = {
  scheduled: 0,
  queued: 1,
  running: 2,
  stopping: 3,
  succeeded: 4,
  failed: 5,
  canceled: 6,
} as const satisfies Record<JobState, number>;

/** The word at the index of its code. */
const states: readonly JobState[] = ['scheduled', 'queued', 'running', 'stopping', 'succeeded', 'failed', 'canceled'];

export const stateOf = (code: number): JobState => states[code] ?? missing(code);

/** What the journal says of a job. */
export type MovedVerb = JobVerb | 'push';
const verbs: readonly MovedVerb[] = [
  'push',
  'promote',
  'claim',
  'succeed',
  'retry',
  'fail',
  'skip',
  'release',
  'lose',
  'cancel',
  'restart',
  'delete',
];
const verbNumbers = new Map(verbs.map((verb, index) => [verb, index]));

export const verbCode = (verb: MovedVerb): number => verbNumbers.get(verb) ?? missing(verb);
export const verbOf = (code: number): MovedVerb => verbs[code] ?? missing(code);

const attemptEnds: readonly AttemptEnd[] = ['running', 'succeeded', 'failed', 'canceled', 'returned', 'lost'];

export const endCode = (end: AttemptEnd): number => attemptEnds.indexOf(end);
export const endOf = (code: number): AttemptEnd => attemptEnds[code] ?? missing(code);

const nodeModes: readonly NodeMode[] = ['active', 'draining'];

export const modeCode = (mode: NodeMode): number => nodeModes.indexOf(mode);
export const modeOf = (code: number): NodeMode => nodeModes[code] ?? missing(code);

/** How a node went. */
export type NodeEnding = 'left' | 'buried';
const nodeEndings: readonly NodeEnding[] = ['left', 'buried'];

export const nodeEndingCode = (ending: NodeEnding): number => nodeEndings.indexOf(ending);
export const nodeEndingOf = (code: number): NodeEnding => nodeEndings[code] ?? missing(code);

const kinds: readonly DefinitionKind[] = ['trigger', 'task', 'script', 'source', 'endpoint', 'worker', 'token', 'secret', 'env', 'kv'];

export const kindCode = (kind: DefinitionKind): number => kinds.indexOf(kind);
export const kindOf = (code: number): DefinitionKind => kinds[code] ?? missing(code);

/** In the journal, beside those of the verbs. */
export const definedCode = 100;
export const firedCode = 101;

function missing(what: string | number): never {
  throw new Error(`there is no code or word for ${what}`);
}
