/** The key that all nodes of a cluster have: kept in the store, made by whoever needs it first. */
import type { Millis } from '../../core/duration.ts';
import { capabilityKey } from '../../core/elsewhere.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store/store.ts';

/** @param anew it may have been another one lately: the store is asked again, unless that was done just now */
export type ClusterKey = (anew: boolean) => Promise<string>;

export interface ClusterKeyParts {
  readonly store: Pick<Store, 'definitions'>;
  readonly clock: Clock;
  /** 128 random bits, or more. */
  secret(): string;
}

/** A store may have been restored, or filled anew. */
const believedFor: Millis = 60_000;
const readAnewEvery: Millis = 1_000;

export function makeClusterKey({ store: { definitions }, clock, secret }: ClusterKeyParts): ClusterKey {
  let known: { readonly at: Millis; readonly key: Promise<string> } | null = null;

  async function read(): Promise<string> {
    for (;;) {
      const [kept] = (await definitions.list({ by: 'keys', keys: [capabilityKey] })).definitions;
      const key = kept === undefined ? null : keyIn(kept.body);
      if (key !== null) return key;
      // Whoever is first makes it; what somebody damaged is made anew.
      const body = JSON.stringify(secret() + secret());
      await definitions.put([{ ...capabilityKey, group: '', body, state: null, due: 'never', dueOnEnd: false, if: kept?.version ?? 0 }]);
    }
  }

  return (anew) => {
    const age = known === null ? Number.POSITIVE_INFINITY : clock.monotonic() - known.at;
    if (known !== null && age < (anew ? readAnewEvery : believedFor)) return known.key;
    const reading = { at: clock.monotonic(), key: read() };
    // What could not be read is read again.
    reading.key.catch(() => {
      if (known === reading) known = null;
    });
    known = reading;
    return reading.key;
  };
}

/** `null`: it is none. */
function keyIn(body: string | null): string | null {
  try {
    const key: unknown = body === null ? null : JSON.parse(body);
    return typeof key === 'string' && key.length >= shortestKey ? key : null;
  } catch {
    return null;
  }
}

/** Characters. */
const shortestKey = 20;
