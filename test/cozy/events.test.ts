/** What cozy-stack's tests of event triggers ask for, on each store, and its share groups as a subscriber. */
import { expect, it, onTestFinished } from 'vitest';
import type { EventRequest } from '../../src/core/event.ts';
import { ask, controlled, node } from '../../src/engine/engine.suite.ts';
import { event } from '../../src/engine/events.suite.ts';
import { type EventOptions, Hatstand } from '../../src/index.ts';
import { all } from '../../src/stores/conformance/subject.ts';
import { type OpenStore, onEachStore } from '../support/each-store.ts';
import { until } from '../support/until.ts';

const rules = {
  whole: 'io.test',
  created: 'io.test:CREATED',
  deleted: 'io.test:DELETED',
  value: 'io.test:CREATED:value:test',
  another: 'io.test:CREATED:notvalue:test',
  changed: 'io.test:UPDATED:!=:test',
  longer: 'io.test.longer:CREATED',
} as const;

const tested = (value: string): string => JSON.stringify({ test: value });
const firing: readonly (readonly [published: Partial<EventRequest>, fired: readonly (keyof typeof rules)[]])[] = [
  [{ verb: 'CREATED', doc: tested('value') }, ['created', 'value', 'whole']],
  [{ verb: 'CREATED' }, ['created', 'whole']],
  [{ verb: 'UPDATED', doc: tested('value'), old: tested('value') }, ['whole']],
  [{ verb: 'UPDATED', doc: tested('other'), old: tested('value') }, ['changed', 'whole']],
  [{ verb: 'UPDATED', doc: tested('other') }, ['whole']],
  [{ verb: 'DELETED', old: tested('value') }, ['deleted', 'whole']],
  [{ verb: 'NOTIFIED', doc: tested('value') }, []],
  [{ type: 'io.test.longer', verb: 'CREATED', doc: tested('value') }, ['longer']],
  [{ type: 'io.tes', verb: 'CREATED', doc: tested('value') }, []],
  [{ domain: 'elsewhere', verb: 'CREATED', doc: tested('value') }, []],
];

/** What a contact is to a share. */
interface Contact {
  readonly email?: string;
  readonly cozy?: string;
  readonly groups?: readonly string[];
}

const isInvitable = (contact: Contact | null): boolean => contact?.email !== undefined || contact?.cozy !== undefined;

interface ContactEvent {
  readonly id: string;
  readonly doc: Contact | null;
  readonly old: Contact | null;
}

/** What a share has to do after a contact has changed. */
function shareSteps({ doc, old }: ContactEvent): readonly string[] {
  const [groups, before] = [doc?.groups ?? [], old?.groups ?? []];
  return [
    ...(isInvitable(doc) && !isInvitable(old) ? ['invite'] : []),
    ...groups.filter((group) => !before.includes(group)).map((group) => `add to ${group}`),
    ...before.filter((group) => !groups.includes(group)).map((group) => `remove from ${group}`),
  ];
}

/** The life of two contacts: as it was before, as it is then, and what follows. */
const contacts: readonly (readonly [old: Contact | null, doc: Contact | null, steps: readonly string[]])[] = [
  [null, {}, []],
  [{}, { email: 'a@b.example' }, ['invite']],
  [{ email: 'a@b.example' }, { email: 'a@b.example', cozy: 'https://a.example' }, []],
  [{}, { cozy: 'https://a.example' }, ['invite']],
  [null, { email: 'a@b.example' }, ['invite']],
  [{ groups: [] }, { groups: ['friends', 'work'] }, ['add to friends', 'add to work']],
  [{ groups: ['friends', 'work'] }, { groups: ['work'] }, ['remove from friends']],
  [{ groups: ['work'] }, { groups: ['work'] }, []],
  [{ groups: ['work'] }, null, ['remove from work']],
];

async function started(open: OpenStore): Promise<Hatstand> {
  const hatstand = new Hatstand({ store: (await open()).store, log: null });
  onTestFinished(() => hatstand.stop(0));
  await hatstand.start();
  return hatstand;
}

onEachStore('event triggers', (open) => {
  it('fire for what their rules match, and tell their jobs of it', async () => {
    const { store } = await open();
    const engine = node(store, controlled().executor, 0);
    for (const [id, text] of Object.entries(rules)) {
      await engine.triggers.add({ domain: 'alice', id }, { type: '@event', arguments: text, job: { ...ask(), payload: '{"m":1}' } });
    }
    let known = 0;
    for (const [published, fired] of firing) {
      const asked = event({ domain: 'alice', type: 'io.test', id: 'document', ...published });
      await engine.events.publish([asked]);
      const jobs = (await store.jobs.list(all)).jobs.slice(known);
      known += jobs.length;
      expect(jobs.map(({ owner }) => owner).toSorted(), JSON.stringify(published)).toEqual(fired.map((id) => `trigger/alice/${id}`));
      for (const { about, payload, domain } of jobs) {
        const { type, verb, id } = asked;
        expect([JSON.parse(about ?? ''), payload, domain]).toMatchObject([{ event: { domain, type, verb, id } }, '{"m":1}', 'alice']);
      }
    }
  });

  it('have their part done by a subscriber that is code, which is told what a document was before', async () => {
    const hatstand = await started(open);
    const steps = new Map<string, readonly string[]>();
    await hatstand.subscribe('share-groups', 'io.contacts', (told: ContactEvent) => {
      steps.set(told.id, shareSteps(told));
    });
    const events = contacts.map(([old, doc], at): EventOptions => {
      const verb = old === null ? 'CREATED' : doc === null ? 'DELETED' : 'UPDATED';
      return { type: 'io.contacts', verb, id: `${at}`, doc, old };
    });
    await hatstand.publish(events);
    await until('all of them', () => steps.size === contacts.length);
    expect(contacts.map((_, at) => steps.get(`${at}`))).toEqual(contacts.map(([, , expected]) => expected));
  });
});
