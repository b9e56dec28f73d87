/** Events in random histories: what a publish asks of one store, and what can be seen of it. */
import fc from 'fast-check';
import type { NewEvent } from '../../core/event.ts';
import type { NewJob } from '../../core/job.ts';
import type { Cause, Caused, Published } from '../../ports/store/journal.ts';
import { keyAt } from './model.definitions.ts';
import { definitionKeys, job, signs, unit } from './model.new-jobs.ts';
import { adds, is, type Plans, type Weighted, weigh } from './model.turn.ts';
import type { World } from './model.world.ts';
import { entriesOf } from './subject.ts';

export interface PublishCall {
  readonly kind: 'publish';
  readonly events: readonly NewEvent[];
  readonly causes: readonly CauseCall[];
  /** The version of the rules, or another one. */
  readonly rules: 'none' | 'right' | 'wrong';
  /** Of a reader, if it moves one. */
  readonly reader: { readonly name: string; readonly from: 'there' | 'elsewhere'; readonly by: number; readonly waits: boolean } | null;
}

interface CauseCall {
  /** `null`: of none. */
  readonly event: number | null;
  /** `null`: a part. */
  readonly job: NewJob | null;
  readonly key: number;
}

const text = fc.constantFrom(null, '{}', '{"a": 1}', `"${signs.replace('\n', '\\n').replace('\u001e', '')}"`, ' [1,\n2] ');

const event: fc.Arbitrary<NewEvent> = fc.record({
  domain: fc.constantFrom('', '', 'd'),
  type: fc.constantFrom('a.b', 'c'),
  verb: fc.constantFrom('CREATED', 'UPDATED', 'DELETED', 'NOTIFIED'),
  id: fc.constantFrom('i', `-${signs}`),
  doc: text,
  old: text,
  key: fc.constantFrom(null, null, 'k', `l${signs}`),
});

const cause: fc.Arbitrary<CauseCall> = fc.record({
  event: fc.option(fc.nat(3), { freq: 5 }),
  job: fc.option(job, { freq: 2 }),
  key: fc.nat(definitionKeys.length - 1),
});

export const journalCalls: readonly Weighted<PublishCall>[] = [
  weigh(
    4,
    fc.record({
      kind: is('publish'),
      events: fc.array(event, { maxLength: 4 }),
      causes: fc.array(cause, { maxLength: 3 }),
      rules: fc.constantFrom('none', 'right', 'right', 'wrong'),
      reader: fc.option(
        fc.record({
          name: fc.constantFrom('r', `-${signs}`),
          from: fc.constantFrom('there', 'there', 'elsewhere'),
          by: fc.nat(2),
          waits: fc.boolean(),
        }),
      ),
    }),
  ),
];

export const journalPlans: Plans<PublishCall> = {
  async publish(world, { events, causes, rules, reader }) {
    const { definitions, journal } = world.opened.store;
    const { newestOfGroup } = await definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 1, group: 'event' });
    const from = reader === null ? 0 : await placeOf(world, reader.name);
    const step = {
      events,
      causes: causes.map((each) => causeOf(each, events.length)),
      rules: { none: null, right: newestOfGroup, wrong: newestOfGroup + 77 }[rules],
      follow: reader && {
        ...{ name: reader.name, waits: reader.waits },
        ...{ from: reader.from === 'there' ? from : from + 50, to: from + reader.by },
      },
    };
    return adds(
      () => journal.publish(step),
      (answer) => published(world, answer),
    );
  },
};

function causeOf({ event, job: asked, key }: CauseCall, events: number): Cause {
  const of = event !== null && event < events ? event : null;
  if (asked !== null) return { event: of, job: asked };
  // Off the units, so that no window closes just when something else happens.
  return { event: of, part: { ...keyAt(key), text: '"told"', wait: 1.25 * unit, maxWait: null, most: { parts: 3, characters: 1_000 } } };
}

/** Asked as one who stands where nobody does. */
async function placeOf(world: World, name: string): Promise<number> {
  const answer = await world.opened.store.journal.publish({
    ...{ events: [], causes: [], rules: null },
    follow: { name, from: -1, to: 0, waits: false },
  });
  return answer.kind === 'moved' ? answer.at : -1;
}

function published(world: World, answer: Published): unknown {
  if (answer.kind === 'stale') return ['stale', answer.version === 0];
  if (answer.kind === 'moved' || answer.kind === 'closed') return answer;
  return [answer.events.map(({ kind }) => kind), answer.causes.map((caused) => shown(world, caused))];
}

function shown(world: World, caused: Caused): unknown {
  if (!('id' in caused)) return caused.kind;
  if (caused.kind === 'pushed') world.made(caused.id);
  return [caused.kind, world.number(caused.id)];
}

/** All events that the journal tells, in order. How they lie in entries depends on what travels together. */
export async function dumpEvents(world: World): Promise<unknown> {
  const entries = await entriesOf(world.opened.store);
  return entries.flatMap(({ told }) => told.map(({ number: _, ...each }) => each));
}
