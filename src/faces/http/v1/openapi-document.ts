/** What is used of an OpenAPI document. */
import type { ErrorCode } from '../../../core/errors.ts';

/** JSON Schema 2020-12, as far as the document uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a duration, as text. */
  readonly 'x-minimum'?: string;
  readonly 'x-maximum'?: string;
  /** The duration beside it that it must not be below. */
  readonly 'x-not-below'?: string;
  /** Siblings that it comes after, if both are durations or both are times. */
  readonly 'x-not-before'?: readonly string[];
}

export interface Example {
  readonly summary: string;
  readonly value: unknown;
  /** The status with which it is answered. */
  readonly 'x-status': number;
}

export interface Media {
  readonly schema: Schema;
  /** Of a refusal. */
  readonly 'x-codes'?: readonly ErrorCode[];
  example?: unknown;
  examples?: Readonly<Record<string, Example>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: Schema;
}

export interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { required: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The schema itself, where the document refers to it by name. */
export function resolve(document: OpenApi, schema: Schema): Schema {
  const { $ref: reference } = schema;
  return reference === undefined ? schema : (document.components.schemas[reference.replace('#/components/schemas/', '')] ?? {});
}
