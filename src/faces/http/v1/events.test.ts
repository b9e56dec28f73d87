import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { minute } from '../../../stores/conformance/subject.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const event = (otherwise: object = {}): object => ({ type: 'io.files', verb: 'CREATED', id: 'a', ...otherwise });
const publish = (body: object | string, headers = {}) => server.ask('POST', '/v1/events', { body, headers });

interface Block {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string | undefined;
  readonly comment: string | undefined;
}

interface Stream {
  readonly response: IncomingMessage;
  /** The next block with data, or the next comment. */
  next(what: 'data' | 'comment'): Promise<Block>;
}

/** As a browser would read it. */
async function follow(search = '', headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const request = get(`${server.url}/v1/events${search}`, { headers });
  onTestFinished(() => void request.destroy());
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  const blocks = blocksOf(response);
  return {
    response,
    async next(what) {
      for (;;) {
        const { value } = await blocks.next();
        if (value === undefined) throw new Error('the stream has ended');
        if (value[what] !== undefined) return value;
      }
    },
  };
}

async function* blocksOf(response: AsyncIterable<string>): AsyncGenerator<Block, undefined> {
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const of = (name: string): string | undefined => {
        const found = lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
        return found.length === 0 ? undefined : found.join('\n');
      };
      yield { event: of('event: '), id: of('id: '), data: of('data: '), comment: of(': ') };
    }
  }
  return undefined;
}

const told = async (stream: Stream): Promise<unknown> => JSON.parse((await stream.next('data')).data ?? '');

describe('POST /v1/events', () => {
  it('tells an event, pushes what it causes, and says so', async () => {
    await server.ask('POST', '/v1/triggers', {
      body: { type: '@event', arguments: 'io.files:CREATED', worker: 'w', message: { m: 1 }, id: 't' },
    });
    const answer = await publish(event({ doc: { n: 1 } }));
    expect(answer.status).toBe(200);
    const { events } = answer.json as { events: { jobs: string[] }[] };
    expect(events).toEqual([
      { kind: 'told', entry: expect.any(Number), number: 0, jobs: [expect.any(String)], gathered: 0, dropped: 0, refused: 0 },
    ]);
    const job = await server.store.jobs.get(events[0]?.jobs[0] ?? '');
    expect(job).toMatchObject({ worker: 'w', owner: 'trigger//t', payload: '{"m":1}' });
    expect(JSON.parse(job?.about ?? '')).toMatchObject({ event: { type: 'io.files', id: 'a', doc: { n: 1 } } });
  });

  it('takes an array, and lines, in their order', async () => {
    const many = await publish([event({ id: '1' }), event({ id: '2' })]);
    expect(many.json['events']).toHaveLength(2);
    const lines = await publish(`${JSON.stringify(event({ id: '3' }))}\n\n${JSON.stringify(event({ id: '4' }))}\n`, {
      'content-type': 'application/x-ndjson',
    });
    expect(lines.json['events']).toHaveLength(2);
    const { entries } = await server.store.journal.entries(0, 99);
    expect(entries.flatMap((entry) => entry.told.map(({ id }) => id))).toEqual(['1', '2', '3', '4']);
  });

  it('keeps documents exactly as they came', async () => {
    const doc = '{ "n": 12345678901234567890,\n "z": 1, "a": 1.0 }';
    await publish(`{"type":"io.files","verb":"UPDATED","id":"a","doc":${doc},"old": null}`, { 'content-type': 'application/json' });
    const { entries } = await server.store.journal.entries(0, 99);
    expect(entries[0]?.told[0]).toMatchObject({ doc, old: 'null' });
  });

  it.each<[string, object | string, string]>([
    ['no type', { verb: 'CREATED', id: 'a' }, 'type'],
    ['a type of its own', event({ type: 'hatstand.jobs' }), 'hatstand.jobs'],
    ['an unknown verb', event({ verb: 'created' }), 'verb'],
    ['an empty id', event({ id: '' }), 'id'],
    ['an unknown field', event({ payload: 1 }), 'payload'],
    ['no object', '7', 'event'],
    ['what stands twice', '{"type":"a","verb":"CREATED","id":"a","id":"b"}', 'id'],
  ])('refuses %s', async (_, body, named) => {
    const answer = await publish(body, { 'content-type': 'application/json' });
    expect(answer.status).toBe(400);
    expect(String(answer.json['detail'])).toContain(named);
  });

  it('tells nothing of a request in which one event is wrong, and which it is', async () => {
    const answer = await publish([event(), event({ verb: 'GONE' }), event()]);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'invalid_request', event: 1 });
    expect(answer.json['detail']).toContain('Event 2');
    expect((await server.store.journal.entries(0, 99)).entries).toEqual([]);
    expect((await publish(Array.from({ length: 1_001 }, () => event()))).status).toBe(400);
  });
});

describe('GET /v1/events', () => {
  it('tells what is published from then on, with ids to go on from', async () => {
    const stream = await follow('?topic=io.*');
    expect(stream.response.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    const { id: begun, comment } = await stream.next('comment');
    expect(comment).toBe('following');
    await publish([event({ id: '1', doc: 'a\nb' }), event({ type: 'other' }), event({ id: '2', verb: 'NOTIFIED' })]);
    const first = await stream.next('data');
    expect(JSON.parse(first.data ?? '')).toEqual({ domain: '', type: 'io.files', verb: 'CREATED', id: '1', doc: 'a\nb', old: null });
    expect(await told(stream)).toMatchObject({ id: '2', verb: 'NOTIFIED' });
    const again = await follow('', { 'last-event-id': first.id ?? '' });
    expect(await told(again)).toMatchObject({ type: 'other' });
    expect(await told(again)).toMatchObject({ id: '2' });
    expect(await told(await follow(`?after=${begun}`))).toMatchObject({ id: '1' });
  });

  it('tells documents whose text has line breaks', async () => {
    const stream = await follow();
    await stream.next('comment');
    await publish('{"type":"a","verb":"CREATED","id":"1","doc":[1,\n2,\r\n3,\r4]}', { 'content-type': 'application/json' });
    expect(await told(stream)).toMatchObject({ doc: [1, 2, 3, 4] });
  });

  it('follows one job, and one domain', async () => {
    const id = await server.push();
    const other = await server.push();
    const stream = await follow(`?topic=hatstand.jobs:${id}&topic=io.files`);
    await stream.next('comment');
    const domain = await follow('?domain=acme');
    await domain.next('comment');
    await server.ask('POST', `/v1/jobs/${other}/cancel`);
    await server.ask('POST', `/v1/jobs/${id}/cancel`);
    expect(await told(stream)).toMatchObject({ type: 'hatstand.jobs', verb: 'UPDATED', id, doc: { move: 'cancel', state: 'canceled' } });
    await publish([event({ id: '1' }), event({ id: '2', domain: 'acme' })]);
    expect(await told(domain)).toMatchObject({ id: '2' });
  });

  it('tells a gap, and goes on', async () => {
    const stream = await follow();
    await stream.next('comment');
    await publish(event({ id: '1' }));
    const { id = '' } = await stream.next('data');
    await publish(event({ id: '2' }));
    await server.store.upkeep.sweep({ ended: null, journal: minute, told: 0, idempotency: minute, output: 1_024, limit: 99 });
    const swept = await follow('', { 'last-event-id': id });
    expect(await swept.next('data')).toMatchObject({ event: 'gap', data: '{"gap":"swept"}' });
    const rewound = await follow('', { 'last-event-id': id.replace(/\.[^.]*$/, '.elsewhere') });
    const gap = await rewound.next('data');
    expect(gap).toMatchObject({ event: 'gap', data: '{"gap":"rewound"}' });
    await publish(event({ id: '3' }));
    expect(await told(rewound)).toMatchObject({ id: '3' });
    expect(await told(await follow('', { 'last-event-id': gap.id ?? '' }))).toMatchObject({ id: '3' });
  });

  it('ends when the server stops', async () => {
    const stream = await follow();
    await stream.next('comment');
    const ended = expect(stream.next('data')).rejects.toThrow();
    await server.app.close();
    await ended;
  });

  it('tells which of many topics is wrong, or how many there may be', async () => {
    const told = async (search: string) => (await server.ask('GET', `/v1/events${search}`)).json['detail'];
    expect(await told('?topic=io.files&topic=io..x')).toMatch(
      /, or an array of 1 to \d+ such, not an array of 2 with "io\.\.x" at place 2\./,
    );
    expect(await told(`?topic=a${'&topic=a'.repeat(200)}`)).toMatch(/of 1 to \d+ such, not an array of 201\./);
  });

  it.each(['?topic=', '?topic=io..x', '?topic=a*', '?after=17', '?topics=a', '?domain=a/b'])('refuses %s', async (search) => {
    const answer = await server.ask('GET', `/v1/events${search}`);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });
});
