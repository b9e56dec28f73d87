/** Limits under `/v1`. */
import { type Connection, segment } from './connection.ts';
import type { Rate } from './queues.ts';

export interface Limit {
  /** A key of jobs, or a pattern such as `tenant:*`. */
  readonly name: string;
  /** Jobs that run at once; `null`: no bound of its own. */
  readonly concurrency: number | null;
  /** Jobs that are pushed; `null`: no bound of its own. */
  readonly rate: Rate | null;
  /** None of its jobs starts before this; `null`: they may. */
  readonly pausedUntil: string | null;
  /** How many may be pushed now; `null`: there is no rate, or it is a pattern. */
  readonly left: number | null;
  /** How many run; `null`: it has no concurrency and is not paused, or it is a pattern. */
  readonly held: number | null;
  /** How many wait for one of them to end; `null`: it is a pattern. */
  readonly parked: number | null;
}

export interface Limits {
  /** By name. */
  list(): Promise<readonly Limit[]>;
  set(name: string, settings: Partial<Pick<Limit, 'concurrency' | 'rate' | 'pausedUntil'>>): Promise<Limit>;
  delete(name: string): Promise<void>;
}

export function makeLimits(connection: Connection): Limits {
  const one = (name: string): string => `/v1/limits/${segment(name)}`;
  return {
    async list() {
      const { limits } = await connection.json<{ readonly limits: readonly Limit[] }>({ method: 'GET', path: '/v1/limits' });
      return limits;
    },
    set: (name, settings) => connection.json({ method: 'PUT', path: one(name), body: JSON.stringify(settings) }),
    async delete(name) {
      await connection.text({ method: 'DELETE', path: one(name) });
    },
  };
}
