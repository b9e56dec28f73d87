/** Bodies under `/v1`: read as bytes, checked to be UTF-8 and JSON, and kept as text beside what was parsed. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { eachMember, findRepeated } from '../../../core/json.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { JsonText } from './json-text.ts';
import { elementsIn, linesIn } from './many.ts';

const quotedLength = 40;

/**
 * Throws `invalid_request` for a job whose payload nests deeper than `jobLimits.depth`.
 *
 * @param json the whole job, which is one level itself
 */
export function checkDepth(json: JsonText): void {
  if (!json.nestsDeeper(jobLimits.depth + 1)) return;
  throw new HatstandError(
    'invalid_request',
    `payload may nest ${jobLimits.depth} levels of objects and arrays, this one nests deeper. Send it as a text, or flatten it.`,
    { field: 'payload', limit: jobLimits.depth },
  );
}

/** Throws `invalid_json` for what is no UTF-8. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new HatstandError('invalid_json', 'The body is not valid UTF-8, which JSON must be (RFC 8259, section 8.1).');
}

/** The body as it came; `null` when there was none. */
export function bodyJson(request: FastifyRequest): JsonText | null {
  return request.getDecorator<JsonText | null>('bodyJson');
}

/** JSON bodies are parsed, and their text is kept beside (`bodyJson`); an empty body is `undefined`. */
export function readJsonBodies(app: FastifyInstance): void {
  app.decorateRequest('bodyJson', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) =>
    bytes.length === 0 ? undefined : await readOne(request, textOf(bytes)),
  );
}

async function readOne(request: FastifyRequest, text: string): Promise<unknown> {
  const json = await JsonText.read(text);
  request.setDecorator('bodyJson', json);
  return json.value;
}

/** Of routes that take many values in a request: an array, or a value a line. Each is read by itself, so that a bad one stops no other. */
export function readManyBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) => {
    if (bytes.length === 0) return undefined;
    const text = textOf(bytes);
    return text.trimStart().startsWith('[') ? await elementsIn(text) : await readOne(request, text);
  });
  app.addContentTypeParser<Buffer>(
    ['application/x-ndjson', 'application/ndjson'],
    { parseAs: 'buffer' },
    async (_: FastifyRequest, bytes: Buffer) => linesIn(textOf(bytes)),
  );
}

/** Throws `invalid_request` for a member that stands more than once in the object at `from`: parsing would keep the last one. */
export function refuseRepeated(text: string, from: number): void {
  refuseSecond((visit) => eachMember(text, from, visit));
}

/** The same of the whole text. */
export function refuseRepeatedIn(json: JsonText): void {
  refuseSecond((visit) => json.eachMember(visit));
}

function refuseSecond(each: (visit: (key: string) => void) => void): void {
  const seen = new Set<string>();
  each((key) => {
    if (seen.has(key)) throw repeated(key);
    seen.add(key);
  });
}

/** The same of all objects in the text, for what holds no values but its own. */
export function refuseRepeatedAnywhere(text: string): void {
  const key = findRepeated(text);
  if (key !== null) throw repeated(key);
}

const repeated = (key: string): HatstandError =>
  new HatstandError('invalid_request', `${quoted(key)} stands more than once.`, { field: key.slice(0, 128) });

/** A route that reads no body takes none, or `{}`: what somebody wrote there must not be lost in silence. */
export function refuseStrayBodies(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ body, method, routeOptions }) => {
    if (routeOptions.schema?.body !== undefined || body === undefined || body === null) return;
    if (typeof body === 'object' && Object.keys(body).length === 0 && !Array.isArray(body)) return;
    throw new HatstandError(
      'invalid_request',
      `${method} ${routeOptions.url} takes no body, but there came ${quoted(body)}. Leave it out.`,
    );
  });
}

/** A value as it may be quoted in an error: short, and only the kind of what is large. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (value === undefined) return 'nothing';
  // JSON has none, but numbers as large as this one is read as: 1e400.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return 'a number beyond 1.8e308';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, quotedLength) : value);
  return typeof value === 'string' && value.length > quotedLength ? `${text}… (${value.length} characters)` : text;
}
