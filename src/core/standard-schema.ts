/**
 * Schemas of any library that follows Standard Schema, version 1 (standardschema.dev): what of that specification a message is
 * checked by. The types are declared here, so that nobody needs a package to read ours.
 */
import { messageOf } from './errors.ts';
import { isPromise } from './promises.ts';

/** A schema that takes an `Input` and makes an `Output` of it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Also a function may be one. Never throws. */
export function isSchema(value: unknown): value is StandardSchema {
  try {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value)) return false;
    const standard: unknown = value['~standard'];
    if (typeof standard !== 'object' || standard === null || !('version' in standard) || !('validate' in standard)) return false;
    return standard.version === 1 && typeof standard.validate === 'function';
  } catch {
    return false;
  }
}

/** What a schema says of a value: what it makes of it, or why it does not fit. */
export type Fit = { readonly fits: true; readonly value: unknown } | ({ readonly fits: false } & Reason);

export interface Reason {
  readonly why: string;
  /** The same for programs: the first of them. */
  readonly issues: readonly ToldIssue[];
}

/** Its place as the library names places in payloads, such as `$.items[0].total`; `$` is the whole message. */
export interface ToldIssue {
  readonly path: string;
  readonly message: string;
}

/** Throws, or rejects with, what the schema does. */
export function fitOf(schema: StandardSchema, value: unknown): Fit | Promise<Fit> {
  const result = schema['~standard'].validate(value);
  return isPromise(result) ? result.then(asFit) : asFit(result);
}

function asFit(result: SchemaResult<unknown>): Fit {
  if (result.issues === undefined) return { fits: true, value: result.value };
  const issues = result.issues.slice(0, mostIssues).map(toldIssue);
  const more = result.issues.length - mostWritten;
  const written = issues.slice(0, mostWritten).map(({ path, message }) => (path === '$' ? message : `${path}: ${message}`));
  return { fits: false, why: written.join('; ') + (more > 0 ? `; and ${more} more` : ''), issues };
}

/** Issues that a program is told, and those of them that are put in words. */
const [mostIssues, mostWritten] = [20, 5];
/** Characters of one of them. */
const longestIssue = 500;

const toldIssue = ({ message, path = [] }: SchemaIssue): ToldIssue => ({
  path: placeOf(path).slice(0, longestIssue).toWellFormed(),
  message: messageOf(message).slice(0, longestIssue).toWellFormed(),
});

function placeOf(path: NonNullable<SchemaIssue['path']>): string {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  return keys.reduce<string>((place, key) => place + (typeof key === 'number' ? `[${key}]` : `.${messageOf(key)}`), '$');
}
