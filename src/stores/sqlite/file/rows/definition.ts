/** How a definition, and what its jobs did, lie in their columns. */
import type { DatabaseSync } from 'node:sqlite';
import { type Definition, type DefinitionKey, dueAt, ownerOf, type Window } from '../../../../core/definition.ts';
import { isJobId } from '../../../../core/id.ts';
import { endStates } from '../../../../core/job.ts';
import {
  type EndCounts,
  type Facet,
  mapFacets,
  noEnds,
  noFacts,
  type OwnedFacts,
  type OwnedJob,
  withGone,
} from '../../../../core/owned.ts';
import { isJson } from '../../../../core/record.ts';
import { latestTime } from '../../../../core/time.ts';
import { type UnreadableId, unreadableId } from '../../../../core/unreadable.ts';
import { kindCode, kindOf, stateCodes } from '../codes.ts';
import { prepareRows } from '../database.ts';
import { type Cell, type Row, TapeReader } from '../tape.ts';

const columns = [
  ...['definitions.id', 'kind', 'domain', 'key', 'version', '"group"', 'state', 'due', 'fired_at', 'due_on_end', 'changed_at'],
  ...['opened_at', 'closes_at', 'count', 'dropped', 'body', 'facts'],
];
const dueOnEndAt = columns.indexOf('due_on_end');
const column = {
  kind: columns.indexOf('kind'),
  domain: columns.indexOf('domain'),
  key: columns.indexOf('key'),
  due: columns.indexOf('due'),
  openedAt: columns.indexOf('opened_at'),
  closesAt: columns.indexOf('closes_at'),
  body: columns.indexOf('body'),
} as const;

type Index = 'definitions_place' | 'definitions_version' | 'definitions_group' | 'definitions_due';

/** Rows that `makeShown` takes, found along an index. */
export const definitionsSql = (index: Index, condition: string): string =>
  `SELECT ${columns.join(', ')} FROM definitions INDEXED BY ${index} LEFT JOIN owned ON definition = definitions.id WHERE ${condition}`;

/** To go on with `AND …`, or with an order. */
export const liveJobsSource = "jobs INDEXED BY jobs_owned_live WHERE owner = ? AND owner <> '' AND ended_at IS NULL";

const endedJobsSource = "jobs INDEXED BY jobs_owned_ended WHERE owner = ? AND owner <> '' AND state >= 4";
/** For an owner, once for each state. */
const endedSql = `SELECT ${endStates.map((state) => `(SELECT count(*) FROM ${endedJobsSource} AND state = ${stateCodes[state]})`).join(', ')}`;

/** Adds how many jobs live, and how many have ended of one that is due on their end: `readDefinition` reads them too. */
export function makeShown(db: DatabaseSync): (row: Row) => Row {
  const live = prepareRows(db, `SELECT count(*) FROM ${liveJobsSource}`);
  const ended = prepareRows(db, endedSql);
  return (row) => {
    const owner = ownerOf(keyOfRow(row));
    const counts = row[dueOnEndAt] === 1 ? ended.get(owner, owner, owner) : undefined;
    return [...row, live.get(owner)?.[0] ?? 0, ...(counts ?? noCounts)];
  };
}

const noCounts = endStates.map(() => null);

export const keyOfRow = (row: Row): DefinitionKey => ({
  kind: kindOf(Number(row[column.kind])),
  domain: String(row[column.domain]),
  key: String(row[column.key]),
});

const numberAt = (row: Row, at: number): number | null => {
  const cell = row[at];
  return typeof cell === 'number' ? cell : null;
};

/** When somebody must look at it; infinite: never. */
export const dueOfRow = (row: Row): number => {
  const window = row[column.openedAt] === null ? null : { closesAt: numberAt(row, column.closesAt) };
  return dueAt({ due: numberAt(row, column.due), window }) ?? Number.POSITIVE_INFINITY;
};

/** `null`: the cells make no definition. */
export const readDefinition = (tape: TapeReader): Definition | null =>
  tape.record(columns.length + 1 + endStates.length, rowName, definitionOn);

/** As its row: its key may be what cannot be read. */
const rowName = (id: string): UnreadableId => unreadableId('definition', `#${id}`);

function definitionOn(tape: TapeReader): Definition {
  tape.skip(1);
  const kept = {
    kind: kindOf(tape.number()),
    domain: tape.text(),
    key: tape.text(),
    version: tape.number(),
    group: tape.text(),
    state: tape.text(),
    due: tape.timeOrNull(),
    firedAt: tape.timeOrNull(),
    dueOnEnd: tape.flag(),
    changedAt: tape.time(),
    window: readWindow(tape),
    body: tape.textOrNull(),
  };
  const facts = readFacts(tape.textOrNull());
  const live = tape.number();
  const [succeeded, failed, canceled] = endStates.map(() => tape.numberOrNull() ?? 0);
  const here = { succeeded: succeeded ?? 0, failed: failed ?? 0, canceled: canceled ?? 0 };
  return { ...kept, owned: { ...facts, live, ended: kept.dueOnEnd ? withGone(here, facts) : null } };
}

function readWindow(tape: TapeReader): Window | null {
  const [openedAt, closesAt] = [tape.timeOrNull(), tape.timeOrNull()];
  const [count, dropped] = [tape.numberOrNull() ?? 0, tape.numberOrNull() ?? 0];
  return openedAt === null ? null : { openedAt, closesAt, count, dropped };
}

/** Characters of bodies in one answer, about. */
const mostCharacters = 1024 * 1024;

/** As many rows as one answer may have, one at least if there is any; `next`: the first that is left. */
export function pageOf(rows: Iterable<Row>, limit: number): { readonly page: readonly Row[]; readonly next: Row | null } {
  const page: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    const body = row[column.body];
    characters += typeof body === 'string' ? body.length : 0;
    if (page.length >= limit || (page.length > 0 && characters > mostCharacters)) return { page, next: row };
    page.push(row);
  }
  return { page, next: null };
}

/** A definition as the writer needs it: without its body, which may be large. */
export interface KeptDefinition
  extends DefinitionKey,
    Pick<Definition, 'version' | 'group' | 'state' | 'due' | 'firedAt' | 'dueOnEnd' | 'window'> {
  /** Of its row. */
  readonly id: number;
  readonly isRemoved: boolean;
  /** Of the parts of its window. */
  readonly characters: number;
}

/** What `readKept` reads. */
export const keptColumns =
  'id, version, "group", state, due, fired_at, due_on_end, body IS NULL, characters, opened_at, closes_at, count, dropped';

export function readKept(key: DefinitionKey, row: Row): KeptDefinition {
  const tape = new TapeReader(row);
  return {
    kind: key.kind,
    domain: key.domain,
    key: key.key,
    id: tape.number(),
    version: tape.number(),
    group: tape.text(),
    state: tape.text(),
    due: tape.timeOrNull(),
    firedAt: tape.timeOrNull(),
    dueOnEnd: tape.flag(),
    isRemoved: tape.flag(),
    characters: tape.numberOrNull() ?? 0,
    window: readWindow(tape),
  };
}

/** All of a definition that a put or a restore says. */
export interface WrittenDefinition
  extends Pick<Definition, 'version' | 'group' | 'state' | 'body' | 'due' | 'firedAt' | 'dueOnEnd' | 'changedAt' | 'window'> {
  readonly characters: number;
}

const written = [
  ...['version', '"group"', 'due', 'fired_at', 'due_on_end', 'changed_at'],
  ...['opened_at', 'closes_at', 'count', 'dropped', 'characters', 'state', 'body'],
];

export const writtenCells = (definition: WrittenDefinition): Cell[] => [
  ...[definition.version, definition.group, definition.due, definition.firedAt, definition.dueOnEnd ? 1 : 0, definition.changedAt],
  ...[...windowCells(definition), definition.state, definition.body],
];

/** Ids of rows are numbers of JavaScript, also beside one that is not, which nobody of ours made. */
const nextIdSql = `(SELECT coalesce(max(id), 0) + 1 FROM definitions WHERE id < ${2 ** 52})`;

/** For a kind's code, a domain, a key and `writtenCells`. */
export const insertDefinitionSql = `
  INSERT INTO definitions (id, kind, domain, key, ${written.join(', ')}) VALUES (${nextIdSql}, ?, ?, ?, ${written.map(() => '?').join(', ')})`;

/** For `writtenCells` and the id of the row. */
export const writeDefinitionSql = `UPDATE definitions SET ${written.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`;

/** What is left of a definition that was removed, beside its state. */
export const removed = { group: '', body: null, due: null, dueOnEnd: false, window: null, characters: 0 } as const;

/** What a firing, a part or the end of a job changes. */
export type DefinitionProgress = Pick<KeptDefinition, 'id' | 'state' | 'due' | 'firedAt' | 'window' | 'characters'>;

/** For `progressCells`. */
export const progressSql = `
  UPDATE definitions SET state = ?, due = ?, fired_at = ?, opened_at = ?, closes_at = ?, count = ?, dropped = ?, characters = ? WHERE id = ?`;

export const progressCells = (progress: DefinitionProgress): Cell[] => [
  ...[progress.state, progress.due, progress.firedAt, ...windowCells(progress), progress.id],
];

const windowCells = ({ window, characters }: Pick<KeptDefinition, 'window' | 'characters'>): Cell[] =>
  window === null ? [null, null, null, null, null] : [window.openedAt, window.closesAt, window.count, window.dropped, characters];

export const keyCells = ({ kind, domain, key }: DefinitionKey): Cell[] => [kindCode(kind), domain, key];

type WrittenFact = readonly [id: string, at: number, end: OwnedJob['end'], error: string] | null;

/** How many are gone, by how they had ended. */
type WrittenGone = readonly [succeeded: number, failed: number, canceled: number];

/** The facets in order; `gone` is left out while it has nothing to tell. */
type WrittenFacts = readonly [newest: WrittenFact, succeeded: WrittenFact, failed: WrittenFact, manual: WrittenFact, gone?: WrittenGone];

export function factsText(facts: OwnedFacts): string {
  const fact = (facet: Facet): WrittenFact => {
    const job = facts[facet];
    // As the file has it in the job: UTF-8 has no halves of characters.
    return job === null ? null : [job.id, job.at, job.end, job.error.toWellFormed()];
  };
  const { succeeded, failed, canceled } = facts.gone;
  const gone: readonly WrittenGone[] = succeeded + failed + canceled === 0 ? [] : [[succeeded, failed, canceled]];
  return JSON.stringify([fact('newest'), fact('succeeded'), fact('failed'), fact('manual'), ...gone]);
}

/** `null`: they were damaged, and the scrub makes them anew. */
function writtenFacts(text: string): WrittenFacts | null {
  const parsed: unknown = isJson(text) ? JSON.parse(text) : null;
  return areFacts(parsed) ? parsed : null;
}

const areFacts = (value: unknown): value is WrittenFacts =>
  Array.isArray(value) && (value.length === 4 || (value.length === 5 && isGone(value[4]))) && value.slice(0, 4).every(isFact);
const isGone = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 3 && value.every((count) => Number.isSafeInteger(count) && count >= 0);
const isFact = (value: unknown): value is WrittenFact =>
  value === null || (Array.isArray(value) && isKnown(value[0], value[1], value[2]) && typeof value[3] === 'string');
const isKnown = (id: unknown, at: unknown, end: unknown): boolean =>
  typeof id === 'string' &&
  isJobId(id) &&
  Number.isInteger(at) &&
  Math.abs(Number(at)) <= latestTime &&
  ends.some((known) => known === end);
const ends: readonly OwnedJob['end'][] = [null, ...endStates];

export function readFacts(text: string | null): OwnedFacts {
  const written = text === null ? null : writtenFacts(text);
  if (written === null) return noFacts;
  const [newest, succeeded, failed, manual, gone] = written;
  const facts = { newest, succeeded, failed, manual };
  const ofFacets = mapFacets((facet) => {
    const fact = facts[facet];
    return fact === null ? null : { id: fact[0], at: fact[1], end: fact[2], error: fact[3] };
  });
  return { ...ofFacets, gone: goneOf(gone) };
}

const goneOf = (written: WrittenGone | undefined): EndCounts =>
  written === undefined ? noEnds : { succeeded: written[0], failed: written[1], canceled: written[2] };
