/** Triggers that are due again and again, and what must be true of their ticks however their nodes die. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type DefinitionKey, ownerOf } from '../../src/core/definition.ts';
import type { JournalEntry } from '../../src/ports/store/journal.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { all } from '../../src/stores/conformance/subject.ts';

const script = fileURLToPath(new URL('firing-node.ts', import.meta.url));

export interface Firing {
  readonly triggers: number;
  readonly every: number;
  readonly ticks: number;
}

const keysOf = ({ triggers }: Firing): readonly DefinitionKey[] =>
  Array.from({ length: triggers }, (_, i) => ({ kind: 'trigger', domain: '', key: `t${i}` }));

export async function putTriggers(store: Store, firing: Firing): Promise<void> {
  const body = JSON.stringify({ every: firing.every, ticks: firing.ticks });
  const puts = keysOf(firing).map((key) => ({ ...key, body, group: '', state: '0', due: 'now', dueOnEnd: false, if: null }) as const);
  await store.definitions.put(puts);
}

const spawnNode = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });

/** A node that kills itself, perhaps before it tells that it has started; resolves once it is gone. */
export async function runFiringNode(...args: readonly string[]): Promise<void> {
  await once(spawnNode(args), 'exit');
}

/** Resolves once the node fires. */
export async function startFiringNode(url: string, cluster: string, env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  const node = spawnNode([url, cluster], env);
  await once(node.stdout ?? expect.fail('no stdout'), 'data');
  return node;
}

export async function killNode(node: ChildProcess): Promise<void> {
  const gone = once(node, 'exit');
  node.kill('SIGKILL');
  await gone;
}

/** All entries of the journal behind those that are known already. */
export async function entriesAfter(store: Store, known: readonly JournalEntry[]): Promise<readonly JournalEntry[]> {
  const entries = [...known];
  for (let more = true; more; ) {
    const { entries: page } = await store.journal.entries(entries.at(-1)?.seq ?? 0, 1_000);
    entries.push(...page);
    more = page.length > 0;
  }
  return entries;
}

export const firedIn = (entries: readonly JournalEntry[]): number => entries.reduce((sum, { fired }) => sum + fired.length, 0);

/** Each trigger was fired at each of its ticks, in order, and each firing pushed one job. */
export async function expectEachTickOnce(store: Store, entries: readonly JournalEntry[], firing: Firing): Promise<void> {
  const { jobs } = await store.jobs.list(all);
  const pushed = Map.groupBy(jobs, ({ owner }) => owner);
  const notes = Map.groupBy(
    entries.flatMap(({ fired }) => fired),
    ({ owner }) => owner,
  );
  for (const owner of keysOf(firing).map(ownerOf)) {
    const first = notes.get(owner)?.[0]?.tick ?? Number.NaN;
    const meant = Array.from({ length: firing.ticks }, (_, n) => first + n * firing.every);
    expect(notes.get(owner)?.map(({ tick }) => tick)).toEqual(meant);
    expect(pushed.get(owner)?.map(({ about }) => JSON.parse(about ?? '{}').tick)).toEqual(meant);
  }
  expect(jobs).toHaveLength(firing.triggers * firing.ticks);
}
