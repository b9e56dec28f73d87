/** Checks requests against their schemas; a fault names the field, what was expected and what came. */
import type { FastifySchemaCompiler } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { HatstandError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import { shownUrl } from '../../../core/secret.ts';
import { meantBy } from '../../../core/synonyms.ts';
import { quoted } from './body.ts';
import { mostFields } from './json-text.ts';

/** The parts of a JSON schema that are told to people. */
interface SchemaNode {
  /** What the value is, in words: completes "must be". */
  readonly title?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** What each element of an array is. */
  readonly items?: SchemaNode;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What the validator reports of one fault. */
interface Fault {
  readonly keyword: string;
  /** A JSON pointer into the schema. */
  readonly schemaPath: string;
  /** A JSON pointer to the value. */
  readonly instancePath: string;
  readonly params: object;
}

/**
 * A check that throws `invalid_request`.
 *
 * @param whole names the value itself, such as `a job`
 * @param explain throws in better words what the schema refuses, if it knows what is wrong
 */
export function makeCheck<Type extends TSchema>(
  schema: Type,
  whole: string,
  explain: (value: unknown) => void = () => undefined,
): (value: unknown) => Static<Type> {
  const compiled = Compile(schema);
  return (value) => {
    refuseManyFields(value, whole);
    if (compiled.Check(value)) return value as Static<Type>;
    const faults = compiled.Errors(value).map(asUnknownName);
    // A field that is missing may be the one that was misspelt.
    if (!faults.some((fault) => !isAcross(fault) && isUnknownName(fault, schema as SchemaNode))) explain(value);
    throw invalid(schema as SchemaNode, value, faults, whole);
  };
}

/** For the framework: address parameters and queries come as text and are converted, bodies are not. */
export const compileCheck: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : fromText(schema as SchemaNode, given);
    refuseManyFields(value, httpPart === 'body' ? 'the body' : 'the query');
    if (compiled.Check(value)) return { value };
    return {
      error: invalid(
        schema as SchemaNode,
        value,
        compiled.Errors(value).map(asUnknownName),
        httpPart === 'body' ? 'the body' : 'the query',
      ),
    };
  };
};

/** Members that may be whatever their sender likes. */
const unlooked: ReadonlySet<string> = new Set(['payload', 'output', 'progress', 'fields', 'doc', 'old', 'message', 'data']);

/** Throws `too_large`. What stands in a payload is not looked at, here as elsewhere. */
function refuseManyFields(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null) return;
  const fields = Object.keys(value);
  if (fields.length > mostFields && !Array.isArray(value)) {
    throw new HatstandError('too_large', `${capital(name)} may have ${mostFields} fields, not ${fields.length}.`, { limit: mostFields });
  }
  for (const field of fields) {
    const inner = (value as Readonly<Record<string, unknown>>)[field];
    if (typeof inner === 'object' && !unlooked.has(field)) refuseManyFields(inner, field);
  }
}

/** For a route whose body is checked by its handler: the address alone. */
export const compileAddressCheck: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === 'querystring' || route.httpPart === 'params' ? compileCheck(route) : () => true;

/** Whole numbers as JSON writes them: no sign without need, no leading zeros, no fraction, no exponent. */
const wholeNumber = /^(?:0|-?[1-9]\d{0,14})$/;

/** Texts of an address as what they stand for; what stands for nothing stays a text, which the schema refuses. */
function fromText({ properties = {} }: SchemaNode, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, text]: [string, unknown]) => {
      const isNumber = properties[name]?.type === 'integer' && typeof text === 'string' && wholeNumber.test(text);
      return [name, isNumber ? Number(text) : text];
    }),
  );
}

/** About how fields go together: what is wrong with one of them is told first. */
const isAcross = ({ keyword, schemaPath }: Fault): boolean =>
  /^#\/(oneOf|anyOf|not)\b/.test(schemaPath) || (schemaPath === '#' && ['oneOf', 'anyOf', 'not'].includes(keyword));

/**
 * Of an object with many unknown fields the validator tells the first ones, each as a value that may not be there, and nothing
 * else: each of them as what it is.
 */
function asUnknownName(fault: Fault): Fault {
  if (fault.keyword !== 'boolean' || !fault.schemaPath.endsWith('/additionalProperties')) return fault;
  const at = fault.instancePath.lastIndexOf('/');
  const name = unescapePointer(fault.instancePath.slice(at + 1));
  return {
    keyword: 'additionalProperties',
    schemaPath: fault.schemaPath.slice(0, fault.schemaPath.lastIndexOf('/')),
    instancePath: fault.instancePath.slice(0, at),
    params: { additionalProperties: [name] },
  };
}

const pathOf = (fault: Fault | undefined): readonly string[] => fault?.instancePath.split('/').slice(1).map(unescapePointer) ?? [];

/** A field that should not be there. */
function isUnknownName(fault: Fault, schema: SchemaNode): boolean {
  return fault.keyword === 'additionalProperties' && typeof pathOf(fault).reduce(childOf, schema).additionalProperties !== 'object';
}

function invalid(schema: SchemaNode, value: unknown, all: readonly Fault[], whole: string): HatstandError {
  const faults = all.filter((each) => !isAcross(each));
  const fault = faults.find((each) => isUnknownName(each, schema)) ?? faults.find((each) => each.keyword === 'required') ?? faults[0];
  const path = pathOf(fault);
  const node = path.reduce<SchemaNode>(childOf, schema);
  const name = path.length === 0 ? whole : path.join('.');
  if (fault?.keyword === 'additionalProperties') return unknownField(node, path, fault.params, whole);
  if (fault?.keyword === 'required') return missingField(path, fault.params);
  const got = path.reduce<unknown>((parent, key) => (parent as Readonly<Record<string, unknown>>)[key], value);
  return new HatstandError(
    'invalid_request',
    `${capital(name)} must be ${expectation(node)}, not ${Array.isArray(got) ? arrayTold(path, got, faults) : told(path, got)}${meantWord(node, got)}`,
    fieldOf(path),
  );
}

/** What came, without what is secret in it: a header's value is not told, nor a secret, nor the login of an address. */
function told(path: readonly string[], got: unknown): string {
  if (typeof got !== 'string' || path.length === 0) return quoted(got);
  if (path.at(-1) === 'secret') return `one of ${got.length}`;
  return path.includes('headers') ? 'a string' : quoted(path.at(-1) === 'url' ? shownUrl(got) : got);
}

/** How many it has, and the first of them that is wrong. */
function arrayTold(path: readonly string[], got: readonly unknown[], faults: readonly Fault[]): string {
  const deeper = faults.map(pathOf).find((each) => each.length > path.length && path.every((key, at) => each[at] === key));
  const at = deeper?.[path.length];
  return `an array of ${got.length}${at === undefined ? '' : ` with ${told(path, got[Number(at)])} at place ${Number(at) + 1}`}`;
}

/** The end of the sentence: the word of a closed set that was probably meant. */
function meantWord(node: SchemaNode, got: unknown): string {
  const words = node.enum?.filter((word) => typeof word === 'string') ?? [];
  return (typeof got === 'string' && didYouMean(got.slice(0, 128), words)) || '.';
}

function unknownField(node: SchemaNode, path: readonly string[], params: object, whole: string): HatstandError {
  const { additionalProperties } = params as { readonly additionalProperties: readonly string[] };
  const field = additionalProperties[0] ?? '';
  const known = Object.keys(node.properties ?? {});
  const owner = path.length === 0 ? capital(whole) : path.join('.');
  const meant = meantField(node, field);
  const fields = known.length === 0 ? 'It has none.' : `There are: ${known.join(', ')}.`;
  return new HatstandError(
    'invalid_request',
    `${owner} has no field ${quoted(field)}${meant === null ? '.' : `; did you mean ${meant}?`} ${fields}`,
    { ...fieldOf([...path, field.slice(0, 128)]), ...(meant === null ? {} : { meant }) },
  );
}

/** A field that is near or that others call so, or one inside another: `attempts` is `retry.attempts`. */
function meantField(node: SchemaNode, field: string): string | null {
  const inside = Object.entries(node.properties ?? {}).flatMap(([outer, child]) =>
    Object.keys(child.properties ?? {}).map((inner) => [inner, `${outer}.${inner}`] as const),
  );
  const known = new Map([...Object.keys(node.properties ?? {}).map((name) => [name, name] as const), ...inside]);
  return known.get(meantBy(field.slice(0, 128), known.keys()) ?? '') ?? null;
}

function missingField(path: readonly string[], params: object): HatstandError {
  const { requiredProperties } = params as { readonly requiredProperties: readonly string[] };
  const field = [...path, requiredProperties[0] ?? ''].join('.');
  return new HatstandError('invalid_request', `${field} is required.`, { field });
}

const fieldOf = (path: readonly string[]): Record<string, string> => (path.length === 0 ? {} : { field: path.join('.') });
const unescapePointer = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');
const capital = (text: string): string =>
  text.startsWith('a ') || text.startsWith('the ') ? text.charAt(0).toUpperCase() + text.slice(1) : text;

function childOf(parent: SchemaNode, key: string): SchemaNode {
  const hasChildren = ({ properties, items }: SchemaNode): boolean => properties !== undefined || items !== undefined;
  const within = hasChildren(parent) ? parent : (parent.anyOf?.find(hasChildren) ?? parent);
  if (within.items !== undefined) return within.items;
  const others = typeof within.additionalProperties === 'object' ? within.additionalProperties : {};
  return within.properties?.[key] ?? others;
}

/** The schema in words: `a whole number from 1 to 500`. */
function expectation(node: SchemaNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map(expectation).join(', or ');
  if (node.enum !== undefined) return node.enum.map(quoted).join(' or ');
  if (node.const !== undefined) return quoted(node.const);
  switch (node.type) {
    case 'string':
      return stringExpectation(node);
    case 'integer':
      return `a whole number${node.minimum === undefined ? '' : ` from ${node.minimum} to ${node.maximum}`}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'an object';
    case 'array':
      return `an array${node.maxItems === undefined ? '' : ` of ${node.minItems ?? 0} to ${node.maxItems} such`}`;
    default:
      return node.type ?? 'something else';
  }
}

function stringExpectation(node: SchemaNode): string {
  const example = node.examples === undefined ? '' : ` such as ${quoted(node.examples[0])}`;
  return `${node.title ?? textExpectation(node)}${example}`;
}

function textExpectation(node: SchemaNode): string {
  if (node.maxLength === undefined) return 'a text';
  return node.minLength === undefined
    ? `a text of at most ${node.maxLength} characters`
    : `a text of ${node.minLength} to ${node.maxLength} characters`;
}
