/** Reading for those who show: what cannot be shown is set aside, so that it is in nobody's way. */
import { type Definition, type DefinitionKind, definitionKinds, ownerOf } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { JsonScan } from '../core/json-scan.ts';
import { bodyReaders } from '../core/kept-body.ts';
import { isJson, longestParsed } from '../core/record.ts';
import { unreadableId } from '../core/unreadable.ts';
import type { Walk } from '../core/walk.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobPage, JobQuery } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';
import { inTurns, makeTurns, type Turns } from './api/turns.ts';
import { removeIfLeft } from './task-leftovers.ts';

export interface ReadableParts {
  readonly store: Pick<Store, 'jobs' | 'definitions' | 'journal' | 'nodes' | 'queues' | 'upkeep'>;
  /** By which others get their turn while a long payload is looked at. */
  readonly clock: Clock;
}

/**
 * `null` for a job that cannot be shown: an answer has the payload as the text that it is, and one that is no JSON would make
 * something else of the answer; what it is about is JSON to all who read it. What a store cannot read at all it sets aside by itself.
 */
export async function shownOrNull({ store: { upkeep }, clock }: ReadableParts, job: Job | null): Promise<Job | null> {
  if (job === null) return null;
  const isFit = async (text: string | null): Promise<boolean> => text === null || (await isShowable(clock, text));
  const wrong = !(await isFit(job.payload)) ? 'its payload' : !(await isFit(job.about)) ? 'what it is about' : null;
  if (wrong === null) return job;
  await upkeep.setAside(job.id, `${wrong} is no JSON`);
  return null;
}

/** Characters that are looked at before others have their turn: about a millisecond. */
const piece = 32 * 1024;

/** Long payloads that are looked at, whoever asks for them, share their turns. */
const turnsOf = new WeakMap<Clock, Turns>();

async function isShowable(clock: Clock, payload: string): Promise<boolean> {
  if (payload.length <= longestParsed) return isJson(payload);
  const turns = turnsOf.get(clock) ?? makeTurns(clock.soon);
  turnsOf.set(clock, turns);
  return inTurns(turns, looked(payload));
}

function* looked(payload: string): Walk<boolean> {
  const scan = new JsonScan(payload);
  while (scan.step(piece)) yield;
  return scan.expected === null;
}

/** A page without what cannot be shown. */
export async function shownPage(parts: ReadableParts, query: JobQuery, signal?: AbortSignal): Promise<JobPage> {
  const page = await parts.store.jobs.list(query, signal);
  const shown = await Promise.all(page.jobs.map((job) => shownOrNull(parts, job)));
  return { ...page, jobs: shown.filter((job) => job !== null) };
}

/** What a definition's body says, or why nobody can read it. */
export type ReadBody<Body> = { readonly kind: 'read'; readonly body: Body } | { readonly kind: 'unreadable'; readonly reason: string };

/** Nothing happens to one that can be read, or of whose kind nobody reads bodies. */
export async function setAsideUnread(store: KeepsDefinitions, definition: Definition): Promise<void> {
  const read = bodyReaders[definition.kind];
  if (read !== undefined) await readOrSetAside(store, definition, read);
}

/**
 * Stores never read a body: whoever does sets aside the definition whose body is none of its kind. While nodes of several versions live, it
 * stays where it is: a newer one may have written what this one does not know.
 */
export async function readOrSetAside<Body>(
  store: KeepsDefinitions,
  definition: Definition,
  read: (body: string | null) => Body,
): Promise<ReadBody<Body>> {
  try {
    return { kind: 'read', body: read(definition.body) };
  } catch (error) {
    const reason = messageOf(error);
    if (await maySetAside(store, definition)) await store.upkeep.setAside(unreadableId('definition', ownerOf(definition)), reason);
    return { kind: 'unreadable', reason };
  }
}

type KeepsDefinitions = Pick<Store, 'nodes' | 'definitions' | 'upkeep'>;

/** Not what somebody has replaced since it was read. */
async function maySetAside({ nodes, definitions }: KeepsDefinitions, definition: Definition): Promise<boolean> {
  const [known, found] = await Promise.all([nodes.list(), definitions.list({ by: 'keys', keys: [definition] })]);
  const versions = new Set(known.filter(({ state }) => state === 'live').map(({ version }) => version));
  return versions.size <= 1 && found.definitions[0]?.version === definition.version;
}

/** What is read in one step, at most. */
const perStep = { jobs: 250, definitions: 250, entries: 2_000 };

/** Where reading goes on: what is read, and behind what of it; `null`: at the beginning. */
export type ReadFrom = string | null;

/** Reads one piece, behind a text; answers behind which the next one begins, `null` at the end. */
type Reader = (parts: ReadableParts, after: string) => Promise<string | null>;

async function readJobs(parts: ReadableParts, after: string): Promise<string | null> {
  const from = after === '' ? null : after;
  const page = await shownPage(parts, { filter: [], match: null, order: 'oldest', from, limit: perStep.jobs, brief: false, lookAt: null });
  return page.next;
}

const readDefinitions =
  (kind: DefinitionKind): Reader =>
  async ({ store }, after) => {
    const page = await store.definitions.list({ by: 'version', kind, after: Number(after), limit: perStep.definitions });
    for (const definition of page.definitions) {
      if (definition.body === null) continue;
      await setAsideUnread(store, definition);
      await removeIfLeft(store.definitions, definition);
    }
    const last = page.definitions.at(-1)?.version;
    return page.more && last !== undefined ? String(last) : null;
  };

async function readEntries({ store }: ReadableParts, after: string): Promise<string | null> {
  const { entries } = await store.journal.entries(Number(after), perStep.entries);
  // A page may also end because it has enough bytes.
  return entries.length === 0 ? null : String(entries.at(-1)?.seq);
}

async function readRest({ store }: ReadableParts): Promise<null> {
  await Promise.all([store.nodes.list(), store.queues.list()]);
  return null;
}

/** Those of which there are few come first: one that cannot be read stops what it is for. */
const pieces: readonly Reader[] = [...definitionKinds.map(readDefinitions), readRest, readJobs, readEntries];

/** Reads the next piece of all that there is, and so finds what nobody can read: the store sets it aside. */
export async function readThrough(parts: ReadableParts, from: ReadFrom): Promise<ReadFrom> {
  const [, place = '0', after = ''] = /^(\d+) (\d*)$/.exec(from ?? '') ?? [];
  const next = await pieces[Number(place)]?.(parts, after);
  if (typeof next === 'string') return `${place} ${next}`;
  const following = Number(place) + 1;
  return following < pieces.length ? `${following} ` : null;
}
