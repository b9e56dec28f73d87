/** Request bodies in the forms that HQ takes: JSON, XML, URL-encoded and multipart; any other type is 415. All must be UTF-8. */
import type { FastifyRequest } from 'fastify';
import { type Look, textOf } from '../receiving.ts';
import type { Fields } from './fields.ts';
import { formFields, lookAtFormLines, lookAtPairs, multipartFields, urlEncodedFields } from './form-body.ts';
import { jsonFields } from './json-body.ts';
import { badRequest, unsupportedType } from './refusal.ts';

/** Counts what a body holds as it comes. */
export function lookAt({ headers }: FastifyRequest): Look | undefined {
  const type = (headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('application/x-www-form-urlencoded')) return lookAtPairs();
  return type.startsWith('multipart/form-data') ? lookAtFormLines() : undefined;
}

/** Once, since the bytes are given back. `null`: the body is empty. */
export async function readFields(request: FastifyRequest): Promise<Fields | null> {
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) return null;
  const header = request.headers['content-type'] ?? '';
  const type = header.toLowerCase();
  if (type.startsWith('application/json')) return await jsonFields(await decoded(body));
  if (type.startsWith('application/x-www-form-urlencoded')) return urlEncodedFields(await decoded(body));
  if (type.startsWith('multipart/form-data')) return await multipartFields(await decoded(body), header);
  if (type.startsWith('application/xml') || type.startsWith('text/xml')) {
    // Few clients send XML: the parser is loaded for the first of them.
    const { xmlFields } = await import('./xml-body.ts');
    return await xmlFields(await decoded(body));
  }
  throw unsupportedType();
}

/** JSON that came as a form, as curl sends what it is not told the type of: a form with one odd name. To be asked before it is read. */
export function isJsonAsForm({ body, headers }: FastifyRequest): boolean {
  const isForm = (headers['content-type'] ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded');
  return isForm && Buffer.isBuffer(body) && /^\s*\{/.test(body.toString('latin1', 0, 64));
}

export const noFields = (): Fields => formFields(new Map());

async function decoded(body: Buffer): Promise<string> {
  const text = await textOf(body);
  if (text === null) throw badRequest('Syntax error: the body is not valid UTF-8');
  return text;
}
