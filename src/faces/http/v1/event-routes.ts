/** Events: published, and followed as they are told. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { keyOfOwner } from '../../../core/definition.ts';
import { HatstandError } from '../../../core/errors.ts';
import { type NewEvent, newEvent } from '../../../core/event.ts';
import type { EventCause } from '../../../core/event-cause.ts';
import { parseTopic } from '../../../core/event-topic.ts';
import type { Api } from '../../../engine/api/api.ts';
import { readPlace } from '../../../engine/api/event-place.ts';
import type { PublishedEvent } from '../../../engine/api/events.ts';
import { pushSlice } from '../../../engine/api/push.ts';
import { slicesOf } from '../../../engine/api/slices.ts';
import { makeLeaving } from '../leaving.ts';
import { bodyJson, checkDepth, refuseRepeatedIn } from './body.ts';
import { EventPublish, FollowQuery } from './event-schemas.ts';
import { eventStream } from './event-stream.ts';
import type { JsonText } from './json-text.ts';
import { ManyTexts } from './many.ts';
import { answers, body, change } from './openapi.ts';
import { readEach } from './reading.ts';
import { NoQuery } from './schemas.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

const tags = ['events'];
const checkEvent = makeCheck(EventPublish, 'an event');
const bodyLimit = 16 * 1024 * 1024;
/** What stays text of an event. */
const documents = ['doc', 'old'];

/** The app must read bodies of many values. */
export function publishRoutes(app: FastifyInstance, api: Api): void {
  const how = { bodyLimit, config: { stayText: documents }, validatorCompiler: compileAddressCheck, schema: publishSchema };
  app.post('/events', how, async (request, reply) => {
    const published = await api.events.publish(await eventsIn(request));
    reply.header('x-hatstand-durability', api.system.durability.profile);
    return { events: published.map(publishedJson) };
  });
}

/** What an event would push, told as what a trigger does. */
export function previewRoute(app: FastifyInstance, { events }: Api): void {
  const how = { config: { stayText: documents }, validatorCompiler: compileAddressCheck, schema: previewSchema };
  app.post('/events/preview', how, async (request, reply) => {
    const { matched, causes } = await events.preview(eventOf(bodyJson(request)));
    return reply.type('application/json; charset=utf-8').send(`{"matched":${matched},"pushes":[${causes.map(pushJson).join(',')}]}`);
  });
}

/** Its payload goes in as the text that it is. */
function pushJson(cause: EventCause): string {
  if ('part' in cause) {
    const { key, domain } = cause.part;
    return JSON.stringify({ trigger: key, domain, gathers: true, worker: null, queue: null, payload: null });
  }
  const { owner, domain, worker, queue, payload } = cause.job;
  const head = JSON.stringify({ trigger: keyOfOwner(owner)?.key ?? '', domain, gathers: false, worker, queue });
  return `${head.slice(0, -1)},"payload":${payload ?? 'null'}}`;
}

const publishedJson = ({ kind, seq, number, jobs, gathered, dropped, refused }: PublishedEvent): object => ({
  ...{ kind, entry: seq, number, jobs },
  ...{ gathered, dropped, refused },
});

async function eventsIn(request: FastifyRequest): Promise<readonly NewEvent[]> {
  const many = request.body;
  if (!(many instanceof ManyTexts)) return [eventOf(bodyJson(request))];
  const values = many.texts.map((text, at) => ({ text, at })).filter(({ text }) => text.trim() !== '');
  const events: NewEvent[] = [];
  for (const slice of slicesOf(values, pushSlice, ({ text }) => text.length)) {
    const texts = slice.map(({ text }) => text);
    const read = await readEach(texts, { read: eventOf, stayText: documents });
    for (const [index, event] of read.entries()) {
      if (event instanceof HatstandError) throw placed(event, slice[index]?.at ?? 0);
      events.push(event);
    }
  }
  return events;
}

/** One that is wrong stops all of its request: nothing was told, and it says which. */
const placed = ({ code, message, details }: HatstandError, at: number): HatstandError =>
  new HatstandError(code, `Event ${at + 1} of this request, and so none, is told: ${message}`, { ...details, event: at });

function eventOf(sent: JsonText | null): NewEvent {
  if (sent !== null) checkDepth(sent);
  const asked = checkEvent(sent?.value);
  if (sent === null) throw new Error('the schema wants an object');
  refuseRepeatedIn(sent);
  return newEvent({ ...asked, ...documentsIn(sent) });
}

/** Exactly as they came. */
const documentsIn = (sent: JsonText): { readonly doc: string | null; readonly old: string | null } => ({
  doc: sent.member('doc'),
  old: sent.member('old'),
});

export function followRoutes(app: FastifyInstance, api: Api): void {
  const leaving = makeLeaving(app);
  app.get<{ Querystring: FollowQuery }>('/events', { schema: followSchema, config: { goesOn: true } }, async (request, reply) => {
    const { topic = '*', domain = null, after } = request.query;
    const last = request.headers['last-event-id'];
    const place = typeof last === 'string' && last !== '' ? last : after;
    const topics = (typeof topic === 'string' ? [topic] : topic).map(parseTopic);
    const options = { topics, domain, after: place === undefined ? null : readPlace(place), signal: leaving(reply) };
    if (reply.outlet === null) throw new Error('an answer that goes on has an outlet');
    const stream = eventStream(api.events.follower(options), reply.outlet, () => performance.now());
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream);
  });
}

const publishSchema = {
  operationId: 'publishEvents',
  summary: 'Publish one event or many',
  description:
    'An object, an array or NDJSON, at most 1,000 events. Each is told with all that it causes in one step, in their order: the jobs of triggers whose rules match it, parts for the windows of those with a debounce. One that is wrong stops all of its request before anything is told; one that causes more than 1,000 jobs and parts, or 8 MiB of them, or whose documents take too long to match, is `too_large`. When a later step of many fails, `told` says how many of the first were told; who repeats a publish gives its events keys.',
  tags,
  querystring: NoQuery,
  body: {
    content: {
      'application/json': { schema: Type.Union([Type.Ref('EventPublish'), Type.Array(Type.Ref('EventPublish'), { maxItems: 1_000 })]) },
      'application/x-ndjson': { schema: Type.String({ description: 'One EventPublish per line.' }) },
    },
  },
  response: answers({ 200: { description: 'They are kept.', schema: Type.Ref('PublishedEvents') } }, [
    'conflict',
    'store_full',
    ...body,
    ...change,
  ]),
};

const previewSchema = {
  operationId: 'previewEvent',
  summary: 'Tell what an event would push',
  description: 'One event. Nothing is told and nothing is pushed.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('EventPublish'),
  response: answers({ 200: { description: 'What it would push now.', schema: Type.Ref('EventPreview') } }, [...body]),
};

const followSchema = {
  operationId: 'followEvents',
  summary: 'Follow events as they are told',
  description:
    'Server-sent events. Each has an `id`, which a browser sends back as `Last-Event-ID` when it connects again, also to another node: it goes on exactly there. What cannot be told any more is told as an event `gap`: `swept` when retention has taken events that this client has not seen, `rewound` when the store has lost its newest moments or is another one; then it goes on with what comes. Without an id it begins now. A client that takes nothing for 30 seconds is cut off, and goes on where it was when it comes back; nobody waits for it. A comment comes after 15 quiet seconds.',
  tags,
  querystring: FollowQuery,
  response: answers(
    { 200: { description: 'It goes on until the client leaves or the server stops.', type: 'text/event-stream', schema: Type.String() } },
    ['invalid_cursor'],
  ),
};
