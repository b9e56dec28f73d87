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
export type Fit = { readonly fits: true; readonly value: unknown } | { readonly fits: false; readonly why: string };

/** Throws, or rejects with, what the schema does. */
export function fitOf(schema: StandardSchema, value: unknown): Fit | Promise<Fit> {
  const result = schema['~standard'].validate(value);
  return isPromise(result) ? result.then(asFit) : asFit(result);
}

const asFit = (result: SchemaResult<unknown>): Fit =>
  result.issues === undefined ? { fits: true, value: result.value } : { fits: false, why: issuesText(result.issues) };

/** Issues that are told of. */
const mostIssues = 5;

function issuesText(issues: readonly SchemaIssue[]): string {
  const told = issues.slice(0, mostIssues).map(({ message, path = [] }) => (path.length === 0 ? message : `${placeOf(path)}: ${message}`));
  const more = issues.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** As the library names places in payloads, such as `$.items[0].total`. */
function placeOf(path: NonNullable<SchemaIssue['path']>): string {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  return keys.reduce<string>((place, key) => place + (typeof key === 'number' ? `[${key}]` : `.${messageOf(key)}`), '$');
}
