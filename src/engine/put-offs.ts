/** Remembers which definitions this node has put off, and why: that they still are is not told again each time that somebody looks. */
import { type Definition, type DefinitionKey, ownerOf } from '../core/definition.ts';
import type { PutOffReason } from '../core/window.ts';
import type { Fired, Firing } from '../ports/store/definitions.ts';

export interface PutOffs {
  /** `null`: it was not put off by this node, or as another version. */
  reasonOf(definition: Pick<Definition, keyof DefinitionKey | 'version'>): PutOffReason | null;
  /** Those that were due by then, and are put off. */
  dueBy(at: number): readonly DefinitionKey[];
  /** What has become of each firing. */
  hear(firings: readonly Firing[], fired: readonly Fired[]): void;
}

interface Known extends DefinitionKey {
  readonly version: number;
  /** For which it was put off first. */
  readonly tick: number;
  readonly reason: PutOffReason;
}

/** Definitions that are remembered. Beyond them they are told again. */
const most = 10_000;

export function makePutOffs(): PutOffs {
  const known = new Map<string, Known>();

  function hearOne(firing: Firing, fired: Fired | undefined): void {
    if (fired?.kind !== 'putOff') {
      if (known.size > 0 && fired?.kind !== 'lost') known.delete(ownerOf(firing));
      return;
    }
    if (known.size >= most) known.clear();
    const { kind, domain, key, version } = firing;
    const before = known.get(ownerOf(firing));
    const tick = before?.version === version ? before.tick : firing.tick;
    known.set(ownerOf(firing), { kind, domain, key, version, tick, reason: fired.reason });
  }

  return {
    reasonOf(definition) {
      const last = known.size === 0 ? undefined : known.get(ownerOf(definition));
      return last?.version === definition.version ? last.reason : null;
    },
    dueBy: (at) => [...known.values()].filter(({ tick }) => tick <= at),
    hear(firings, fired) {
      for (const [at, firing] of firings.entries()) hearOne(firing, fired[at]);
    },
  };
}
