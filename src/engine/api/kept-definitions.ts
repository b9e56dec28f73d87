/**
 * Definitions that people name, found, listed and removed alike, of whatever kind. One that nobody can read is set aside: it is in no list,
 * and whoever asks for it is told what is left of it.
 */
import { type Definition, type DefinitionKind, ownerOf } from '../../core/definition.ts';
import { HatstandError } from '../../core/errors.ts';
import { type UnreadableId, unreadableId } from '../../core/unreadable.ts';
import type { DefinitionPlace } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { readOrSetAside } from '../readable.ts';

/** What its address names it by. */
interface Ref {
  readonly domain: string;
  readonly id: string;
}

export interface KeptDefinition<Body> {
  readonly ref: Ref;
  readonly body: Body;
  readonly definition: Definition;
}

export interface KeptDefinitions<Body> {
  /** `null` when there is none. Throws `unreadable` for one that nobody can read. */
  get(ref: Ref): Promise<KeptDefinition<Body> | null>;
  /** In the order of domains and ids, without those that nobody can read. `domain` `null`: all. `group`: of that alone; default: of any. */
  list(domain: string | null, from: DefinitionPlace | null, limit: number, group?: string | null): Promise<KeptPage<Body>>;
  /** Also what is left of one that nobody can read; `false` when there is neither. Throws `conflict` when others change it all the time. */
  remove(ref: Ref): Promise<boolean>;
  /** Others were first, again and again. */
  othersFirst(ref: Ref): HatstandError;
}

interface KeptPage<Body> {
  readonly found: readonly KeptDefinition<Body>[];
  /** Where the next page begins; `null`: this is the last. */
  readonly next: DefinitionPlace | null;
}

/** What is put in its place. */
export const removal = { group: '', body: null, state: null, due: 'never', dueOnEnd: false, note: 'deleted' } as const;

/** How often somebody else may be first. */
export const mostTries = 64;

/** @param read throws for a body that is none of its kind */
export function makeKeptDefinitions<Body>(
  store: Pick<Store, 'definitions' | 'nodes' | 'upkeep'>,
  kind: DefinitionKind,
  read: (body: string | null) => Body,
): KeptDefinitions<Body> {
  const { definitions, upkeep } = store;
  const keyOf = ({ domain, id }: Ref) => ({ kind, domain, key: id });
  /** Under what it lies when it was set aside. */
  const asideOf = (ref: Ref): UnreadableId => unreadableId('definition', ownerOf(keyOf(ref)));

  async function find(ref: Ref): Promise<Definition | null> {
    const { definitions: found } = await definitions.list({ by: 'keys', keys: [keyOf(ref)] });
    return found[0] ?? null;
  }

  function unreadable(ref: Ref, reason: string): HatstandError {
    const [name, record] = [JSON.stringify(ref.id), asideOf(ref)];
    const message = `The ${kind} ${name} cannot be read: ${reason}. Delete it, and add it again; what is left of it is the record ${JSON.stringify(record)} of those that nobody can read.`;
    return new HatstandError('unreadable', message, { [kind]: ref.id, reason, record });
  }

  async function readable(definition: Definition): Promise<readonly KeptDefinition<Body>[]> {
    const told = await readOrSetAside(store, definition, read);
    return told.kind === 'read' ? [{ ref: { domain: definition.domain, id: definition.key }, body: told.body, definition }] : [];
  }

  const othersFirst = (ref: Ref): HatstandError =>
    new HatstandError('conflict', `The ${kind} ${JSON.stringify(ref.id)} is changed again and again by others. Try again.`, {
      [kind]: ref.id,
    });

  return {
    othersFirst,
    async get(ref) {
      const definition = await find(ref);
      if (definition !== null) {
        const told = await readOrSetAside(store, definition, read);
        if (told.kind === 'read') return { ref, body: told.body, definition };
        throw unreadable(ref, told.reason);
      }
      const { records } = await upkeep.unreadable(asideOf(ref), 1);
      for (const { id, reason } of records) if (id === asideOf(ref)) throw unreadable(ref, reason);
      return null;
    },
    async list(domain, from, limit, group = null) {
      const page = await definitions.list({ by: 'place', kind, domain, group, from, limit });
      return { found: (await Promise.all(page.definitions.map(readable))).flat(), next: page.next };
    },
    async remove(ref) {
      for (let tries = 0; tries < mostTries; tries++) {
        const definition = await find(ref);
        if (definition === null) return upkeep.discard(asideOf(ref));
        const removed = await definitions.put([{ ...keyOf(ref), ...removal, if: definition.version }]);
        if (removed.kind === 'put') return true;
      }
      throw othersFirst(ref);
    },
  };
}
