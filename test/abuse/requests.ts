/** Requests made of an OpenAPI document: as it wants them, nearly so, and not at all. */
import fc from 'fast-check';
import { type Contract, type Route, takesAll, valuesOf, wrongValuesOf } from '../../src/faces/http/v1/contract.suite.ts';
import type { Parameter, Schema } from '../../src/faces/http/v1/openapi-document.ts';
import { absurdText, absurdValue, type Encoding, encoded, encodings, textOf } from './absurd.ts';
import { exportLine, mutatedLine } from './lines.ts';
import type { Sent } from './wire.ts';

/** Something that is there, whatever it is when the request is sent. */
export interface Known {
  readonly name: string;
  readonly at: number;
}

/** A request before it is known what it is about. */
export interface Draft extends Omit<Sent, 'target'> {
  readonly route: Route;
  readonly target: readonly (string | Known)[];
  /** It may be answered by another route, or before there is one. */
  readonly strays: boolean;
  /** Milliseconds after which its client leaves; `undefined`: it waits. */
  readonly leaveAfter: number | undefined;
}

/** Where web apps are: nobody else is asked for anything. */
const local = (app: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((each) => local(app, each));
  if (typeof value !== 'object' || value === null || typeof (value as { url?: unknown }).url !== 'string') return value;
  const { url } = value as { readonly url: string };
  return { ...value, url: url.replace(/^https?:\/\/[^/?#\\]*/i, app) };
};

const oftener = <T>(often: fc.Arbitrary<T>, rare: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: often }, { weight: 1, arbitrary: rare });

const spoilable = ['path', 'query', 'headers', 'body', 'method', 'stray'] as const;
type Spoiled = (typeof spoilable)[number];
const spoiled: fc.Arbitrary<ReadonlySet<Spoiled>> = fc
  .oneof(
    { weight: 9, arbitrary: fc.constant<readonly Spoiled[]>([]) },
    { weight: 8, arbitrary: fc.constantFrom(...spoilable, 'body' as const, 'query' as const).map((one): readonly Spoiled[] => [one]) },
    { weight: 3, arbitrary: fc.subarray([...spoilable]) },
  )
  .map((some) => new Set(some));

/** A part of a request as the document wants it, and as it does not. */
interface Choice<T> {
  readonly right: fc.Arbitrary<T>;
  readonly wrong: fc.Arbitrary<T>;
}

interface Piece {
  readonly text: string | Known;
  readonly strays: boolean;
}

function pathOf(contract: Contract, route: Route): Choice<readonly Piece[]> {
  const parts = route.path.split(/\{(\w+)\}/);
  const schemaOf = (name: string): Schema => route.parameters?.find((each) => each.in === 'path' && each.name === name)?.schema ?? {};
  const right = (name: string): fc.Arbitrary<Piece> => {
    const known = fc.nat(1_000_000).map((at) => ({ text: { name, at }, strays: false }));
    const made = valuesOf(contract, schemaOf(name)).map((value) => ({
      text: encoded(String(value), 'usual'),
      strays: /^\.{0,2}$/.test(String(value)),
    }));
    return oftener<Piece>(known, made, 5);
  };
  const wrong = fc.record({ text: absurdText, how: fc.constantFrom(...encodings) }).map(
    ({ text, how }): Piece => ({
      text: encoded(text, how),
      strays: how === 'raw' || how === 'surrogates' || /^\.{0,2}$/.test(text) || text.length > 500,
    }),
  );
  const whole = (each: (name: string) => fc.Arbitrary<Piece>): fc.Arbitrary<readonly Piece[]> =>
    fc.tuple(...parts.map((part, at) => (at % 2 === 0 ? fc.constant({ text: part, strays: false }) : each(part))));
  return { right: whole(right), wrong: whole((name) => oftener(wrong, right(name), 4)) };
}

type Pair = readonly [name: string, value: string];

function queryOf(contract: Contract, route: Route): Choice<string> {
  const parameters = (route.parameters ?? []).filter((each) => each.in === 'query');
  const right = fc
    .tuple(...parameters.map((each) => fc.option(parameterText(contract, each), { freq: 2 })))
    .map((values) => values.flatMap((value, at): readonly Pair[] => (value === null ? [] : [[parameters[at]?.name ?? '', value]])));
  const write = (pairs: readonly Pair[], how: Encoding): string => pairs.map(([name, value]) => `${name}=${encoded(value, how)}`).join('&');
  const name = fc.oneof(
    fc.constantFrom('', 'x', 'limit[]', '%6cimit', 'LIMIT', '__proto__', 'pretty', ...parameters.map((each) => each.name)),
    absurdText.map((text) => encoded(text, 'usual')),
  );
  const odd = fc.tuple(name, absurdText, fc.constantFrom(...encodings)).map(([left, value, how]) => `${left}=${encoded(value, how)}`);
  const bare = fc.constantFrom('&', '&&', '=', '?', 'limit', '%', '%zz', '%00', ';', 'a=b=c', '[]', `q=${'x'.repeat(9_000)}`);
  const wrong = fc
    .tuple(right, fc.constantFrom(...encodings), fc.array(fc.oneof(odd, odd, bare), { minLength: 1, maxLength: 3 }))
    .chain(([pairs, how, more]) =>
      fc
        .shuffledSubarray([...pairs.map((pair) => write([pair], how)), ...pairs.map((pair) => write([pair], 'usual')), ...more])
        .map((all) => all.join('&')),
    );
  return { right: right.map((pairs) => write(pairs, 'usual')), wrong };
}

const fields = [
  'state',
  'queue',
  'worker',
  'name',
  'created',
  'ended',
  'started',
  'cause',
  'owner',
  'url',
  'id',
  'domain',
  'reason',
  'run',
  'x',
];
const term = fc
  .tuple(
    fc.constantFrom('', '', '-', '--'),
    fc.constantFrom('', ...fields.map((field) => `${field}:`)),
    fc.constantFrom('', '>', '<', '"', ','),
    fc.oneof(
      fc.constantFrom('failed', 'queued,failed', 'mail', 'a*', '*', '2h', '90m', '2026-01-01', 'timeout', 'http', '', '"a b"', '123'),
      absurdText,
    ),
  )
  .map((parts) => parts.join(''));
const filter = fc.array(term, { maxLength: 4 }).map((terms) => terms.join(' ').slice(0, 1_024));

/** The text of a parameter that the document takes. */
function parameterText(contract: Contract, { name, schema }: Parameter): fc.Arbitrary<string> {
  const made = valuesOf(contract, schema).map(String);
  if (name === 'q') return oftener(filter, made, 4);
  return name === 'term' ? fc.constantFrom('', 'a', 'job.*', '(a|b)+', '^x$', '[') : made;
}

const noise: readonly (readonly [name: string, value: string])[] = [
  ...([
    ['accept', 'text/html'],
    ['accept', '*/*;q=0'],
    ['accept-encoding', 'gzip, br'],
    ['if-none-match', '*'],
    ['range', 'bytes=0-1'],
    ['cookie', 'a=b'],
  ] as const),
  ...([
    ['authorization', 'Bearer x'],
    ['authorization', 'Basic Og=='],
    ['x-http-method-override', 'DELETE'],
    ['x-a', 'é\u00ff'],
    ['te', 'trailers'],
  ] as const),
  ...([
    ['content-encoding', 'gzip'],
    ['connection', 'close'],
    ['connection', 'keep-alive, upgrade'],
    ['idempotency-key', 'é'],
    ['idempotency-key', ''],
  ] as const),
  ...([
    ['idempotency-key', 'y'.repeat(257)],
    ['x-hatstand-attempt', '1'],
    ['x-long', 'z'.repeat(7_000)],
    ['prefer', 'wait=1'],
  ] as const),
];
/** Whose requests are refused before they are looked at. */
const stray: typeof noise = [
  ...([
    ['expect', 'more'],
    ['expect', '100-continue'],
    ['transfer-encoding', 'gzip'],
    ['x-long', 'z'.repeat(20_000)],
    ['content-length', '7'],
  ] as const),
  ...([
    ['origin', 'http://evil.example'],
    ['origin', 'null'],
    ['host', 'evil.example'],
    ['host', ''],
    ['forwarded', 'for=1.2.3.4'],
    ['via', '1.1 x'],
  ] as const),
  ...([
    ['x-forwarded-for', '1.2.3.4'],
    ['upgrade', 'websocket'],
  ] as const),
];

const types = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/json;charset=utf-16',
    'application/json, text/html',
  ],
  ...[
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/xml',
  ],
  ...['text/xml; charset=x', 'text/plain', '', 'a', '/', 'application/', 'application/json/x', 'application/vnd.api+json', 'image/png'],
];

interface Body {
  readonly type: string | null;
  readonly bytes: Buffer | null;
}

function bodyOf(contract: Contract, route: Route, app: string): Choice<Body> {
  const kinds = Object.entries(route.requestBody?.content ?? {}).map(([type, media]) => {
    const isLines = type.endsWith('ndjson');
    return { type, isLines, ...(isLines ? linesOf(contract, route, app) : writtenOf(contract, media.schema, app)) };
  });
  const none = fc.constantFrom<Body>({ type: null, bytes: null }, { type: null, bytes: Buffer.alloc(0) });
  const right = kinds.map(({ type, right: text }) => text.map((written): Body => ({ type, bytes: Buffer.from(written) })));
  const wrong = kinds.map(({ type, wrong: text, right: other }) =>
    fc
      .tuple(oftener(text, other, 3), oftener(fc.constant(type), fc.constantFrom(...types), 3), spoiledBytes)
      .map(([written, said, spoil]): Body => ({ type: said, bytes: spoil(written) })),
  );
  const unasked = fc
    .tuple(fc.constantFrom(...types), absurdValue)
    .map(([type, value]): Body => ({ type, bytes: Buffer.from(textOf(value)) }));
  const bare = fc.constant<Body>({ type: null, bytes: Buffer.from('{}') });
  const mayBeNone = route.requestBody?.required !== true;
  return { right: mayBeNone ? fc.oneof(none, ...right) : fc.oneof(...right), wrong: fc.oneof(...wrong, ...wrong, unasked, bare, none) };
}

/** What a line is, of those that the document describes. */
const lineSchemas: Readonly<Record<string, string>> = { pushJobs: 'Push', publishEvents: 'EventPublish' };

function lineOf(contract: Contract, { operationId }: Route, app: string): Choice<string> {
  if (operationId === 'importJobs') return { right: exportLine, wrong: mutatedLine };
  const schema = lineSchemas[operationId];
  if (schema === undefined) throw new Error(`${operationId} takes lines, and nobody says of what`);
  return writtenOf(contract, { $ref: `#/components/schemas/${schema}` }, app);
}

/** Of many lines, each for itself. */
function linesOf(contract: Contract, route: Route, app: string): Choice<string> {
  const line = lineOf(contract, route, app);
  const ends = fc.constantFrom('\n', '\r\n', '\n\n', '\r', '');
  return {
    right: fc.array(line.right, { maxLength: 6 }).map((all) => all.join('\n')),
    wrong: fc.tuple(fc.array(oftener(line.wrong, line.right, 3), { maxLength: 6 }), ends).map(([all, end]) => all.join(end)),
  };
}

function writtenOf(contract: Contract, schema: Schema, app: string): Choice<string> {
  const values = valuesOf(contract, schema).map((value) => local(app, value));
  const near = takesAll(contract, schema) ? absurdValue : wrongValuesOf(contract, schema).map((value) => local(app, value));
  const changed = fc
    .tuple(values, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce<unknown>((all, each) => each(all), value));
  return { right: values.map(textOf), wrong: fc.oneof(near, changed, changed, absurdValue).map(textOf) };
}

/** One member is another, is gone, or is new. */
const change: fc.Arbitrary<(value: unknown) => unknown> = fc
  .tuple(fc.nat(), absurdValue, fc.constantFrom('set', 'set', 'set', 'remove', 'add'), absurdText)
  .map(([at, to, how, name]) => (value) => {
    if (typeof value !== 'object' || value === null) return to;
    const names = Object.keys(value);
    const chosen = how === 'add' || names.length === 0 ? name : (names[at % names.length] ?? name);
    if (Array.isArray(value)) return value.map((each, index) => (String(index) === chosen ? to : each));
    const others = Object.entries(value).filter(([each]) => each !== chosen);
    return Object.fromEntries(how === 'remove' ? others : [...others, [chosen, to]]);
  });

const spoiledBytes: fc.Arbitrary<(text: string) => Buffer> = fc
  .tuple(fc.constantFrom('whole', 'whole', 'whole', 'cut', 'byte', 'mark', 'twice', 'comma', 'wide', 'space'), fc.nat(), fc.nat(255))
  .map(([how, at, byte]) => (text) => {
    const bytes = Buffer.from(text);
    switch (how) {
      case 'cut':
        return bytes.subarray(0, at % (bytes.length + 1));
      case 'byte':
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
      case 'mark':
        return Buffer.concat([Buffer.from('\ufeff'), bytes]);
      case 'twice':
        return Buffer.concat([bytes, bytes]);
      case 'comma':
        return Buffer.from(`${text},`);
      case 'wide':
        return Buffer.from(text, 'utf16le');
      case 'space':
        return Buffer.concat([Buffer.alloc(100_000, ' '), bytes]);
      default:
        return bytes;
    }
  });

function headersOf(contract: Contract, route: Route): Choice<readonly Pair[]> {
  const parameters = (route.parameters ?? []).filter((each) => each.in === 'header');
  const right = fc.tuple(
    ...parameters.map(({ name, schema }) =>
      fc.option(
        valuesOf(contract, schema).map((value): Pair => [name, String(value)]),
        { freq: 3 },
      ),
    ),
  );
  const present = right.map((pairs) => pairs.filter((pair) => pair !== null));
  const more = fc.array(fc.constantFrom(...noise), { minLength: 1, maxLength: 3 });
  return { right: present, wrong: fc.tuple(present, more).map(([some, others]) => [...some, ...others]) };
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH'];
const leaving = oftener(fc.constant(undefined), fc.integer({ min: 1, max: 20 }), 60);
/** Milliseconds that are enough for one who would wait for long. */
const soon = 300;

/**
 * @param app `http://host:port` to which all jobs are sent
 */
export function draftsOf(contract: Contract, route: Route, app: string): fc.Arbitrary<Draft> {
  const [path, query, headers, body] = [
    pathOf(contract, route),
    queryOf(contract, route),
    headersOf(contract, route),
    bodyOf(contract, route, app),
  ];
  return spoiled.chain((what) =>
    fc
      .record({
        path: what.has('path') ? path.wrong : path.right,
        query: what.has('query') ? query.wrong : query.right,
        headers: what.has('headers') ? headers.wrong : headers.right,
        body: what.has('body') ? body.wrong : body.right,
        method: what.has('method') ? fc.constantFrom(...methods) : fc.constant(route.method),
        stray: what.has('stray') ? fc.constantFrom(...stray).map((pair): readonly Pair[] => [pair]) : fc.constant<readonly Pair[]>([]),
        leaveAfter: leaving,
      })
      .map((drawn) => draft(route, drawn)),
  );
}

interface Drawn {
  readonly path: readonly Piece[];
  readonly query: string;
  readonly headers: readonly Pair[];
  readonly body: Body;
  readonly method: string;
  readonly stray: readonly Pair[];
  readonly leaveAfter: number | undefined;
}

function draft(route: Route, { path, query, headers, body, method, stray: more, leaveAfter }: Drawn): Draft {
  // For the end of a job, for events that never end, or for the rest of a body that is longer than it is.
  const waits =
    ['waitForJob', 'claimJobs', 'askTaskOfAttempt'].includes(route.operationId) ||
    route.path === '/v1/events' ||
    route.path.endsWith('/watch') ||
    more.some(([name]) => name === 'content-length');
  const type: readonly Pair[] = body.type === null ? [] : [['content-type', body.type]];
  return {
    route,
    method,
    target: [...path.map(({ text }) => text), ...(query === '' ? [] : [`?${query}`])],
    headers: [...headers, ...type, ...more],
    body: body.bytes,
    strays: method !== route.method || more.length > 0 || path.some((piece) => piece.strays),
    leaveAfter: waits ? soon : leaveAfter,
  };
}
