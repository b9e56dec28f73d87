/**
 * Whatever clients send and web apps answer costs others little, on every store: their requests are answered as if nothing were,
 * the process stays small, and nodes keep their leases. One list of attacks, each against a real server. In the ordinary run a
 * few seconds are watched for all attacks of a kind together, since that few requests have no 99th percentile of their own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attack, Came, type Target } from './attack.ts';
import { bodyAttacks } from './attacks/bodies.ts';
import { connectionAttacks } from './attacks/connections.ts';
import { manyAttacks } from './attacks/many.ts';
import { nameAttacks } from './attacks/names.ts';
import { searchAttacks } from './attacks/searches.ts';
import { webAppAttacks } from './attacks/web-apps.ts';
import { type Bystander, type Figures, startBystander } from './bystander.ts';
import { report } from './report.ts';
import { isWhole, scaled } from './scale.ts';
import { openEmbedded, openRedis, type Stage } from './stage.ts';

const kinds: Readonly<Record<string, readonly Attack[]>> = {
  bodies: bodyAttacks,
  'many at once': manyAttacks,
  searches: searchAttacks,
  connections: connectionAttacks,
  names: nameAttacks,
  'jobs and web apps': webAppAttacks,
};
/** Others' requests, a hundred a second: before a period, and during each attack. */
const calmly = scaled(50, 300);
const watched = scaled(20, 800);

interface Period {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** Attacks that are watched together. */
function periodsOf(kind: string, all: readonly Attack[]): readonly Period[] {
  if (isWhole) return all.map((attack) => ({ name: attack.name, attacks: [attack] }));
  return (['open', 'guarded'] as const).flatMap((stand) => {
    const attacks = all.filter(({ on = 'open', isLong = false }) => on === stand && !isLong);
    return attacks.length === 0 ? [] : [{ name: stand === 'open' ? kind : `${kind} of a server with a token`, attacks }];
  });
}

const ofKinds = Object.entries(kinds).map(([kind, all]) => [kind, periodsOf(kind, all)] as const);
/**
 * What is played on the same servers: of the whole program each kind has its own, since what an allocator keeps of one kind's peak
 * is nothing that the next one takes.
 */
const rounds = isWhole ? ofKinds : ([['all kinds', ofKinds.flatMap(([, periods]) => periods)]] as const);
const stores = [
  ['embedded', openEmbedded],
  ['Redis, two nodes', openRedis],
] as const;

/** Again and again until others have been watched; what is held, once. */
async function play(attack: Attack, target: Target, bystander: Bystander): Promise<string> {
  const came = new Came();
  let isWatched = attack.isHeld === true;
  const watching = isWatched ? null : bystander.answered(watched).finally(() => (isWatched = true));
  do await attack.play(target, came);
  while (!isWatched);
  await watching;
  expect(came.beyond(attack.comes), attack.name).toEqual([]);
  return String(came);
}

const megabyte = 1024 * 1024;

/**
 * The machine itself takes some time too, and far more when others use it, or the attackers, which would be elsewhere: what a
 * request took before the attack, and what the server waited for a processor during it, is no fault of the server.
 */
function expectLittle(calm: Figures, during: Figures, grown: number): void {
  expect(during.failed).toEqual([]);
  expect(during.p99).toBeLessThan(100 + calm.p99 + during.machine);
  expect(grown).toBeLessThan(300 * megabyte);
}

const played = stores.flatMap(([store, open]) => rounds.map(([kind, periods]) => ({ store, open, kind, periods })));

describe.each(played)('on the store: $store > $kind', ({ store, open, periods }) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.stop());

  it.each(periods)('$name', { timeout: 300_000 }, async ({ name, attacks }) => {
    const stand = stage.stands[attacks[0]?.on ?? 'open'];
    const { server, pids, token } = stand;
    const before = stage.complaints().length;
    const bystander = await startBystander({ address: server.address, pids, ...(token !== null && { token }) });
    try {
      await bystander.answered(calmly);
      const calm = await bystander.figures();
      const target: Target = { ...stand, large: stage.large, watched: () => bystander.answered(watched) };
      const came: string[] = [];
      for (const attack of attacks) came.push(await play(attack, target, bystander));
      const during = await bystander.figures();
      const complaints = stage.complaints().slice(before);
      const grown = during.memory.most - (stage.base.get(stand) ?? 0);
      report({ store, attack: name, came: came.join('; '), calm, during, grown, lease: complaints.length === 0 ? 'kept' : 'lost' });
      expect(complaints).toEqual([]);
      expectLittle(calm, during, grown);
    } finally {
      await bystander.stop();
    }
  });
});
