/**
 * Definitions: what somebody declared and the cluster keeps, such as a trigger, a script or a secret. The store never reads
 * a body. A definition that is due is fired: one step pushes its jobs and says when it is due next.
 */
import { longestDuration, type Millis } from './duration.ts';
import { HatstandError } from './errors.ts';
import type { NewJob } from './job.ts';
import { checkDomain, checkName, sizeOfNewJob } from './new-job.ts';
import type { Owned } from './owned.ts';

export const definitionKinds = [
  'trigger',
  'batch',
  'task',
  'checkpoint',
  'mail',
  'script',
  'source',
  'endpoint',
  'worker',
  'token',
  'secret',
  'env',
  'kv',
] as const;
export type DefinitionKind = (typeof definitionKinds)[number];

/** What definitions are held to. Lengths are in characters (UTF-16 units). */
export const definitionLimits = {
  key: 512,
  group: 128,
  body: 4 * 1024 * 1024,
  state: 65_536,
  note: 4_096,
  jobs: 1_000,
  /** Of the jobs of one firing together, about (`sizeOfNewJob`). */
  jobCharacters: 8 * 1024 * 1024,
  windowParts: 10_000,
  windowCharacters: 1024 * 1024,
} as const;

export interface DefinitionKey {
  readonly kind: DefinitionKind;
  readonly domain: string;
  /** 1 to 512 characters, none of them a control character or half a surrogate pair. */
  readonly key: string;
}

/** Jobs of a definition carry this as their `owner`. Kinds and domains have no slash, so that no two keys give one text. */
export const ownerOf = ({ kind, domain, key }: DefinitionKey): string => `${kind}/${domain}/${key}`;

/** The key of which this is `ownerOf`; `null`: of none. */
export function keyOfOwner(owner: string): DefinitionKey | null {
  const [kind = '', domain, ...key] = owner.split('/');
  return isKind(kind) && domain !== undefined && key.length > 0 ? { kind, domain, key: key.join('/') } : null;
}

/** What has been gathered for a firing, in short. Times are Unix milliseconds of the store's clock. */
export interface Window {
  readonly openedAt: number;
  /** `null`: it was held up by jobs of its definition, and closes as soon as one of them ends. */
  readonly closesAt: number | null;
  readonly count: number;
  /** Parts that did not fit. */
  readonly dropped: number;
}

export interface Definition extends DefinitionKey {
  /** Counted per kind: greater with every put and every removal, never used twice. */
  readonly version: number;
  /** What followers list by, such as a task's worker; `''`: it is in no group. */
  readonly group: string;
  /** JSON text; `null`: it was removed, and is kept for as long as entries of the journal are, so that followers learn of it. */
  readonly body: string | null;
  /** What has become of it, in its kind's words. Changing it does not change the version. */
  readonly state: string;
  /** When somebody must look at it by itself, by the store's clock in Unix milliseconds; `null`: never. */
  readonly due: number | null;
  /** The tick of its newest firing, in Unix milliseconds; `null`: it was never fired. */
  readonly firedAt: number | null;
  /** The end of the last of its live jobs makes it due at once. */
  readonly dueOnEnd: boolean;
  /** When it was put or removed, in Unix milliseconds. */
  readonly changedAt: number;
  /** `null`: nothing has been gathered. */
  readonly window: Window | null;
  readonly owned: Owned;
}

/** When somebody must look at it: because it is due, or because its window closes, whichever comes first. */
export function dueAt({ due, window }: { readonly due: number | null; readonly window: Pick<Window, 'closesAt'> | null }): number | null {
  const closesAt = window?.closesAt ?? null;
  return due === null ? closesAt : closesAt === null ? due : Math.min(due, closesAt);
}

/**
 * When something is due that is due at once. Ticks of one definition only rise, so that a firing that comes twice never
 * meets its own tick again.
 */
export const atOnce = ({ firedAt }: Pick<Definition, 'firedAt'>, now: number): number =>
  firedAt === null ? now : Math.max(now, firedAt + 1);

/** What to do with the jobs of a firing while earlier jobs of the definition have not ended. */
export const overlaps = ['allow', 'skip', 'one', 'replace'] as const;
/**
 * `allow`: push them all the same; `skip`: push none; `one`: push none while one of its jobs waits (one may run and one may
 * wait); `replace`: cancel the earlier ones.
 */
export type Overlap = (typeof overlaps)[number];

export const firingOverlaps = [...overlaps, 'cancel'] as const;
/** `cancel`: there are no jobs to push, and the earlier ones are canceled all the same. */
export type FiringOverlap = (typeof firingOverlaps)[number];

/** What is decided about a definition that is due. */
export interface Decision {
  /** When it is due next, in Unix milliseconds, later than the tick that is fired; `null`: not by itself; `removed`: it is removed. */
  readonly next: number | null | 'removed';
  readonly state: string;
  readonly jobs: readonly NewJob[];
  readonly overlap: FiringOverlap;
  /** What becomes of the window. `null` leaves it alone, unless it has closed: it closes again when `next` says. */
  readonly collect: Collect | null;
  /** Why, for the journal; behind it stands what was collected. */
  readonly note: string;
}

/**
 * Takes the parts of the window out, for the first job. Parts come until the firing is done, so its step says what the job has: core/window.ts
 * has how.
 */
export interface Collect {
  /** The parts stand between these two texts, divided by commas: that becomes the job's payload. */
  readonly payload: readonly [before: string, after: string];
  /** JSON text around how many parts there were, and how many had not fit: that is what the job is about. */
  readonly about: readonly [before: string, between: string, after: string];
}

/** A part for a window: the first one opens it. */
export interface Part extends DefinitionKey {
  /** JSON text. */
  readonly text: string;
  /** The window closes this long after its first part. */
  readonly wait: Millis;
  /** With it, each part moves the closing to `wait` after itself, but not beyond this after the first; `null`: none does. */
  readonly maxWait: Millis | null;
  /** More parts, or more characters in all, are counted and dropped. */
  readonly most: { readonly parts: number; readonly characters: number };
}

const invalid = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** Throws `invalid_request` for a key that no definition can have. */
export function checkDefinitionKey<K extends DefinitionKey>(key: K): K {
  checkDomain(key.domain);
  if (!isKind(key.kind)) throw invalid(`kind must be one of ${definitionKinds.join(', ')}, not ${JSON.stringify(key.kind)}.`, 'kind');
  if (key.key === '' || key.key.length > definitionLimits.key || /[\p{Cc}\p{Cs}]/u.test(key.key)) {
    throw invalid(
      `key must have 1 to ${definitionLimits.key} characters, no control characters and no halves of surrogate pairs, not ${JSON.stringify(key.key.slice(0, 160))}.`,
      'key',
    );
  }
  return key;
}

const isKind = (kind: string): kind is DefinitionKind => (definitionKinds as readonly string[]).includes(kind);

/** Throws `invalid_request` or `too_large` for what cannot be put. */
export function checkDefinition(asked: DefinitionKey & Pick<Definition, 'group' | 'body'> & { readonly state: string | null }): void {
  checkDefinitionKey(asked);
  if (asked.group !== '') checkName(asked.group, 'group');
  checkLength(asked.body, definitionLimits.body, 'body');
  checkLength(asked.state, definitionLimits.state, 'state');
}

/** Throws `invalid_request` or `too_large` for a decision that cannot be carried out at this tick. */
export function checkDecision(decision: Decision, tick: number): void {
  const { next } = decision;
  if (next !== null && next !== 'removed' && !(Number.isSafeInteger(next) && next > tick)) {
    throw invalid(`next must be whole Unix milliseconds later than the tick that is fired, ${tick}, not ${next}.`, 'next');
  }
  if (decision.collect !== null && decision.jobs.length === 0)
    throw invalid('A window is collected into the first job, and there is none.', 'jobs');
  if (decision.jobs.length > definitionLimits.jobs) {
    throw invalid(`A firing pushes at most ${definitionLimits.jobs} jobs, not ${decision.jobs.length}.`, 'jobs');
  }
  const characters = decision.jobs.reduce((sum, job) => sum + sizeOfNewJob(job), 0);
  if (characters > definitionLimits.jobCharacters) {
    const message = `The jobs of a firing may have ${definitionLimits.jobCharacters} characters in all, these have ${characters}.`;
    throw new HatstandError('too_large', message, { field: 'jobs', limit: definitionLimits.jobCharacters });
  }
  checkLength(decision.state, definitionLimits.state, 'state');
  checkLength(decision.note, definitionLimits.note, 'note');
}

/** Throws `invalid_request` or `too_large` for a part that no window can take. */
export function checkPart({ text, wait, maxWait, most, ...key }: Part): void {
  checkDefinitionKey(key);
  checkLength(text, definitionLimits.windowCharacters, 'part');
  const longest = maxWait ?? wait;
  if (!(wait >= 0 && longest >= wait && longest <= longestDuration)) {
    const expected = `wait must not be negative, maxWait not shorter than it, and neither longer than ${longestDuration} milliseconds`;
    throw invalid(`${expected}, not ${wait} and ${maxWait}.`, 'wait');
  }
  if (most.parts > definitionLimits.windowParts || most.characters > definitionLimits.windowCharacters) {
    throw invalid(
      `A window holds at most ${definitionLimits.windowParts} parts of ${definitionLimits.windowCharacters} characters in all.`,
      'most',
    );
  }
}

function checkLength(text: string | null, most: number, field: string): void {
  if (text === null || text.length <= most) return;
  throw new HatstandError('too_large', `${field} may have ${most} characters, this one has ${text.length}.`, { field, limit: most });
}
