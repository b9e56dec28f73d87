/**
 * Numbers that stand for words in the file, and so between the threads too. The compiler asks for a number for each word.
 * None ever changes its meaning.
 */
import type { FailureCause } from '../../../core/cause.ts';
import type { DefinitionKind } from '../../../core/definition.ts';
import type { AttemptEnd, JobState, JobVerb } from '../../../core/job.ts';
import type { NodeMode } from '../../../core/node.ts';
import type { LogLevel } from '../../../core/report.ts';

type Codes<Word extends string> = Readonly<Record<Word, number>>;

/** The word of a code. */
function wordsOf<Word extends string>(codes: Codes<Word>): (code: number) => Word {
  const words: Word[] = [];
  for (const word in codes) words[codes[word]] = word;
  return (code) => words[code] ?? missing(code);
}

function missing(code: number): never {
  throw new Error(`there is no word for the code ${code}`);
}

export const stateCodes = {
  scheduled: 0,
  queued: 1,
  running: 2,
  stopping: 3,
  succeeded: 4,
  failed: 5,
  canceled: 6,
} as const satisfies Codes<JobState>;

export const stateOf = wordsOf<JobState>(stateCodes);
/** `null`: it is the code of none. */
export const stateIn = (code: number): JobState | null =>
  Object.values(stateCodes).some((known) => known === code) ? stateOf(code) : null;

/** What the journal says of a job. */
export type MovedVerb = JobVerb | 'push';
const verbs: Codes<MovedVerb> = {
  push: 0,
  promote: 1,
  claim: 2,
  succeed: 3,
  retry: 4,
  fail: 5,
  skip: 6,
  release: 7,
  lose: 8,
  cancel: 9,
  restart: 10,
  delete: 11,
  defer: 12,
  expire: 13,
};

export const verbCode = (verb: MovedVerb): number => verbs[verb];
export const verbOf = wordsOf(verbs);

const attemptEnds: Codes<AttemptEnd> = { running: 0, succeeded: 1, failed: 2, canceled: 3, returned: 4, lost: 5 };

export const endCode = (end: AttemptEnd): number => attemptEnds[end];
export const endOf = wordsOf(attemptEnds);

const causes: Codes<FailureCause> = {
  refused: 0,
  unreachable: 1,
  dns: 2,
  tls: 3,
  reset: 4,
  timeout: 5,
  malformed: 6,
  unavailable: 7,
  answer: 8,
  unsendable: 9,
  thrown: 10,
  canceled: 11,
  lost: 12,
  message: 13,
};
const causeWord = wordsOf(causes);

export const causeCode = (cause: FailureCause | null): number | null => (cause === null ? null : causes[cause]);
export const causeOf = (code: number | null): FailureCause | null => (code === null ? null : causeWord(code));

const levels: Codes<LogLevel> = { debug: 0, info: 1, warn: 2, error: 3 };

export const levelCode = (level: LogLevel): number => levels[level];
export const levelOf = wordsOf(levels);

const nodeModes: Codes<NodeMode> = { active: 0, draining: 1 };

export const modeCode = (mode: NodeMode): number => nodeModes[mode];
export const modeOf = wordsOf(nodeModes);

/** How a node went. */
export type NodeEnding = 'left' | 'buried';
const nodeEndings: Codes<NodeEnding> = { left: 0, buried: 1 };

export const nodeEndingCode = (ending: NodeEnding): number => nodeEndings[ending];
export const nodeEndingOf = wordsOf(nodeEndings);

const kinds: Codes<DefinitionKind> = {
  trigger: 0,
  task: 1,
  script: 2,
  source: 3,
  endpoint: 4,
  worker: 5,
  token: 6,
  secret: 7,
  env: 8,
  kv: 9,
  batch: 10,
  checkpoint: 11,
  mail: 12,
};

export const kindCode = (kind: DefinitionKind): number => kinds[kind];
export const kindOf = wordsOf(kinds);

/** In the journal, beside those of the verbs. */
export const definedCode = 100;
export const firedCode = 101;
