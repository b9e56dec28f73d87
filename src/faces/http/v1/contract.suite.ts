/** The OpenAPI document as tests use it: requests made of its schemas, and answers held against them. */
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { formatDuration, parseDuration } from '../../../core/duration.ts';
import { readStartBefore } from '../../../core/expiry.ts';
import type { Answer, TestServer } from '../server.suite.ts';
import type { OpenApi, Operation, Parameter, Schema } from './openapi-document.ts';
import { resolve } from './openapi-document.ts';

export interface Route extends Operation {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
}

export interface Contract {
  readonly document: OpenApi;
  readonly routes: readonly Route[];
  route(operationId: string): Route;
  /** Whether the document takes the value. */
  takes(schema: Schema, value: unknown): boolean;
  /** What is wrong with an answer, in words; empty: nothing. */
  faultsOf(route: Route, answer: Answer): readonly string[];
}

export const readContract = async (server: Pick<TestServer, 'ask'>): Promise<Contract> =>
  contractOf(JSON.parse((await server.ask('GET', '/v1/openapi.json')).text) as OpenApi);

export function contractOf(document: OpenApi): Contract {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
  const compiled = new Map<Schema, ReturnType<typeof Compile>>();
  const checkOf = (schema: Schema): ReturnType<typeof Compile> => {
    const known = compiled.get(schema) ?? Compile(whole(document, schema) as object);
    compiled.set(schema, known);
    return known;
  };

  function faultsOf(route: Route, answer: Answer): readonly string[] {
    const said = route.responses[String(answer.status)];
    if (said === undefined) return [`status ${answer.status} is not among its answers`];
    if (said.content === undefined) return answer.text === '' ? [] : ['there is a body'];
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
    const media = said.content[type];
    if (media === undefined) return [`the content type ${type} is not among its answers`];
    const value: unknown = type.endsWith('json') && !type.endsWith('ndjson') ? answer.json : answer.text;
    const faults = checkOf(media.schema)
      .Errors(value)
      .map(({ instancePath, message }) => `${instancePath} ${message}`);
    const codes: readonly string[] | undefined = media['x-codes'];
    const code = codes === undefined ? undefined : String(answer.json['code']);
    return code === undefined || codes?.includes(code) ? faults : [...faults, `the code ${code} is not among its refusals`];
  }

  return {
    document,
    routes,
    route: (operationId) => {
      const found = routes.find((each) => each.operationId === operationId);
      if (found === undefined) throw new Error(`There is no operation ${operationId}.`);
      return found;
    },
    takes: (schema, value) => checkOf(schema).Check(value),
    faultsOf,
  };
}

/** The schema with what it refers to in place. */
function whole(document: OpenApi, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((each) => whole(document, each));
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) return whole(document, resolve(document, node as Schema));
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, whole(document, value)]));
}

/** The text of a parameter, and whether the document takes it. */
export function takesText(contract: Contract, { schema }: Parameter, text: string): boolean {
  if (schema.type !== 'integer') return contract.takes(schema, text);
  return /^(?:0|-?[1-9]\d{0,14})$/.test(text) && contract.takes(schema, Number(text));
}

/** Values that the document takes. */
export function valuesOf(contract: Contract, schema: Schema): fc.Arbitrary<unknown> {
  return anyOf(contract.document, schema).filter((value) => contract.takes(schema, value));
}

function anyOf(document: OpenApi, given: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(document, given);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (schema.type) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(anyOf(document, schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return objects(document, schema);
    default:
      return schema.anyOf === undefined ? fc.jsonValue({ maxDepth: 3 }) : fc.oneof(...schema.anyOf.map((each) => anyOf(document, each)));
  }
}

function objects(document: OpenApi, schema: Schema): fc.Arbitrary<unknown> {
  const { additionalProperties: others, properties = {}, required = [], propertyNames } = schema;
  if (typeof others === 'object') return fc.dictionary(texts(propertyNames ?? {}), anyOf(document, others), { maxKeys: 3 });
  const model = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, anyOf(document, each)]));
  return fc.record(model, { requiredKeys: [...required] }).map((value) => inOrder(properties, value));
}

/** A duration that must not be below another one, where it is, changes places with it. */
function inOrder(properties: Readonly<Record<string, Schema>>, value: Readonly<Record<string, unknown>>): unknown {
  const ordered = { ...value };
  for (const [name, { 'x-not-below': other = '' }] of Object.entries(properties)) {
    const [longer, shorter] = [value[name], value[other]];
    if (typeof longer !== 'string' || typeof shorter !== 'string' || millis(longer) >= millis(shorter)) continue;
    [ordered[name], ordered[other]] = [shorter, longer];
  }
  for (const [name, { 'x-not-before': others = [] }] of Object.entries(properties)) {
    for (const other of others) {
      const [later, earlier] = [ordered[name], ordered[other]];
      if (isBefore(later, earlier)) [ordered[name], ordered[other]] = [earlier, later];
    }
  }
  return ordered;
}

/** Of two durations, or of two times. */
function isBefore(a: unknown, b: unknown): boolean {
  const [first, second] = [a, b].map((text) => (typeof text === 'string' ? readStartBefore(text) : null));
  if (first == null || second == null) return false;
  return 'at' in first ? 'at' in second && first.at < second.at : 'delay' in second && first.delay < second.delay;
}

const millis = (text: string): number => parseDuration(text, 'it');

function texts(schema: Schema): fc.Arbitrary<string> {
  const { pattern, maxLength = 200, minLength = 0 } = schema;
  if (schema['x-maximum'] !== undefined) return durations(schema);
  if (pattern?.includes('://')) return urls;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
  const long = fc.constant('🎩'.repeat(Math.min(maxLength, longest)));
  return fc.oneof({ weight: 9, arbitrary: fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 40) }) }, long);
}

function durations(schema: Schema): fc.Arbitrary<string> {
  const min = parseDuration(schema['x-minimum'] ?? '0s', 'x-minimum');
  const max = parseDuration(schema['x-maximum'] ?? '1d', 'x-maximum');
  return fc.integer({ min, max }).chain((millis) => fc.constantFrom(formatDuration(millis), `${millis}ms`, `${millis / 1_000}s`));
}

/** Of a text in an address, encoded, with room for the rest. */
const longest = 500;

const urls = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.constantFrom(
    'http://127.0.0.1:8000',
    'HTTPS://User:pass@[::1]:65535/?q=%20#x',
    'http://a_b-c.example.:1/ä?ö=%',
    'http://müller.example/',
    'https://10.0.0.255//\\x',
  ),
);

/** Whether any JSON is right there. */
export const takesAll = (contract: Contract, schema: Schema): boolean =>
  [null, 1, 'x', [], {}].every((value) => contract.takes(schema, value));

/** Values near those that the document takes, which it refuses. Throws where it takes all: the search for one would not end. */
export function wrongValuesOf(contract: Contract, schema: Schema): fc.Arbitrary<unknown> {
  if (takesAll(contract, schema)) throw new Error('the document takes any value there, so none is wrong');
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      '',
      ' ',
      '0',
      '-1',
      '1e3',
      '00',
      '9'.repeat(25),
      'x'.repeat(70_000),
      'http://',
      'http:///x',
      'ftp://x/',
      '2026-02-30',
      '1s ',
      '\u0000',
    ),
    fc.constantFrom(-1, -0.5, 0, 0.5, 1e9, 2 ** 53, 1e300),
  );
  const changed = fc
    .tuple(anyOf(contract.document, schema), fc.nat(), junk, fc.string({ maxLength: 12 }))
    .chain(([value, at, other, name]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.constant(other);
      const known = Object.keys(resolve(contract.document, schema).properties ?? {});
      const fields = known.length === 0 ? Object.keys(value) : known;
      const field = fields[at % Math.max(1, fields.length)] ?? name;
      return fc.constantFrom<unknown>({ ...value, [field]: other }, { ...value, [name]: other }, value, other);
    });
  return changed.filter((value) => !contract.takes(schema, value));
}
