/**
 * What lies in Redis: its format, the name by which it is known again, and whether it still has what this node was told
 * that it has. A Redis may come back without its data or without the newest of it, be another one, or be emptied. Nothing
 * can be done about that, but somebody must know.
 */
import { randomUUID } from 'node:crypto';
import { HatstandError } from '../../core/errors.ts';
import { idEpoch, type JobId, serverOfId, timeOfId } from '../../core/id.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Driver } from './driver/driver.ts';
import { prefixOf } from './format/keys.ts';
import { asList } from './format/reply-reader.ts';
import { runScript } from './frame/run.ts';
import { openScript } from './frame/scripts.ts';

export interface Data {
  /** Asks whether it is still the same; what was lost is told, once. */
  check(): void;
  /** A job was acknowledged with this id, the newest one so far. */
  acknowledged(id: JobId): void;
  /** What was lost since this node opened it, in sentences: the newest few. */
  readonly losses: readonly string[];
}

/** What lies in Redis is told apart by this; it rises when older versions could not read it. */
const format = '3';
const mostLosses = 8;

/** Throws `store_unusable` when another version wrote what is there. */
export async function openData(driver: Driver, cluster: string, logger: Logger | undefined): Promise<Data> {
  let known = (await find(driver, cluster, null)).name;
  let newest: JobId | null = null;
  const losses: string[] = [];

  function tell(event: string, loss: string, facts: Readonly<Record<string, string>>): void {
    logger?.error(event, { cluster, location: driver.location, ...facts, hint: `${loss} ${advice}` });
    losses.push(`${new Date().toISOString()}: ${loss}`);
    if (losses.length > mostLosses) losses.shift();
  }

  /** Sent before anything else on a new connection, so that no id of afterwards is taken for the newest one of before. */
  async function check(): Promise<void> {
    const seen = newest;
    const { name, lastMade } = await find(driver, cluster, seen);
    if (name !== known) {
      known = name;
      newest = null;
      tell('store.emptied', 'Redis lost its data: jobs that were acknowledged before are gone.', {});
    } else if (seen !== null && lastMade < timeOfId(seen)) {
      if (newest === seen) newest = null;
      const [since, until] = [lastMade, timeOfId(seen)].map((time) => new Date(time).toISOString());
      const loss = `Redis lost its newest moments: jobs that this node acknowledged from ${since} to ${until} may be gone.`;
      tell('store.rewound', loss, { since: since ?? '', until: until ?? '' });
    }
  }

  // A store that is away again is asked when it is back.
  const checkNow = (): void => void check().catch(() => {});
  driver.onReconnect(checkNow);
  return {
    check: checkNow,
    acknowledged(id) {
      newest = id;
    },
    losses,
  };
}

const advice = 'See what its durability profile survives.';

interface Found {
  readonly name: string;
  /** When the last id of the server that made `newest` was made, in Unix milliseconds; 0: it made none. */
  readonly lastMade: number;
}

async function find(driver: Driver, cluster: string, newest: JobId | null): Promise<Found> {
  const server = newest === null ? '' : `id:${serverOfId(newest)}`;
  const reply = await runScript(driver, openScript, [prefixOf(cluster)], [format, randomUUID(), server]);
  const [found, name, last = ''] = asList(reply).rest((each) => each.text());
  if (found === format && name !== undefined) return { name, lastMade: last === '' ? 0 : idEpoch + Number(last.split(' ', 1)[0]) };
  throw new HatstandError(
    'store_unusable',
    `The cluster ${cluster} in ${driver.location} was written in format ${found}, this version knows ${format}. Use the version that wrote it.`,
  );
}
