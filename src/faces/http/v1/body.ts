/** Bodies under `/v1`: read as bytes, checked to be UTF-8 and JSON, and kept as text beside what was parsed. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { eachMember, findRepeated } from '../../../core/json.ts';
import { isBlank, openBracket } from '../../../core/json-codes.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { goneAlready } from '../leaving.ts';
import { free, receive, textOf } from '../receiving.ts';
import { JsonText, tooDeep } from './json-text.ts';
import { elementsIn, linesIn, lookAtLines } from './many.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Members of its body that go through the system as text, and may be long. Default: `payload`. */
    readonly stayText?: readonly string[];
  }
}

const quotedLength = 40;

/**
 * Throws `invalid_request` for a job whose payload nests deeper than `jobLimits.depth`.
 *
 * @param json the whole job, which is one level itself
 */
export function checkDepth(json: JsonText): void {
  if (json.nestsDeeper(jobLimits.depth + 1)) throw tooDeep();
}

/** Throws `invalid_json` for what is no UTF-8. The bytes are gone then (`textOf`). */
export async function decoded(bytes: Buffer): Promise<string> {
  const text = await textOf(bytes);
  if (text !== null) return text;
  throw new HatstandError('invalid_json', 'The body is not valid UTF-8, which JSON must be (RFC 8259, section 8.1).');
}

/** The body as it came; `null` when there was none. */
export function bodyJson(request: FastifyRequest): JsonText | null {
  return request.getDecorator<JsonText | null>('bodyJson');
}

/** JSON bodies are parsed, and their text is kept beside (`bodyJson`); an empty body is `undefined`. Others are refused unread. */
export function readJsonBodies(app: FastifyInstance): void {
  app.decorateRequest('bodyJson', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, body: IncomingMessage) => {
    const bytes = await receive(request, body);
    // Where nothing is, that is told, whatever came.
    if (request.is404) return undefined;
    if (!readsBody(request)) return refuseUnlessEmpty(request, bytes);
    return bytes.length === 0 ? undefined : await readOne(request, await decoded(bytes));
  });
  app.addContentTypeParser('*', async (request: FastifyRequest, body: IncomingMessage) => {
    // Of an empty body the type says nothing.
    await receive(request, body, () => {
      throw unsupportedType(request);
    });
  });
}

/** Nothing is done yet of what a client has sent that is gone by now. */
function checkStays({ raw }: FastifyRequest): void {
  if (raw.socket.destroyed) throw goneAlready();
}

/** Whether its route has a use for a body. */
const readsBody = ({ routeOptions }: FastifyRequest): boolean => routeOptions.schema?.body !== undefined;

/** What somebody wrote for a route that takes no body must not be lost in silence; many clients send `{}` with every POST. */
function refuseUnlessEmpty(request: FastifyRequest, bytes: Buffer): undefined {
  if (!/^\s*(?:\{\s*\}\s*)?$/.test(bytes.toString('latin1'))) throw takesNone(request);
}

const takesNone = ({ method, routeOptions }: FastifyRequest): HatstandError =>
  new HatstandError('invalid_request', `${method} ${routeOptions.url} takes no body, but there came one. Leave it out.`);

const longestShown = 100;

const wrongType = (came: string | undefined): HatstandError =>
  new HatstandError(
    'unsupported_media_type',
    `The body must be JSON, and the request must say so by the header "Content-Type: application/json"; it ${came === undefined ? 'has no Content-Type' : `says ${JSON.stringify(came.slice(0, longestShown))}`}.`,
  );

/** The refusal of a body by the type that it is said to have. */
export const unsupportedType = (request: FastifyRequest): HatstandError =>
  readsBody(request) ? wrongType(request.headers['content-type']) : takesNone(request);

async function readOne(request: FastifyRequest, text: string): Promise<unknown> {
  const json = await JsonText.read(text, request.routeOptions.config.stayText);
  request.setDecorator('bodyJson', json);
  return json.value;
}

/** Of routes that take many values in a request: an array, or a value a line. Each is read by itself, so that a bad one stops no other. */
export function readManyBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', async (request: FastifyRequest, body: IncomingMessage) => {
    const bytes = await receive(request, body);
    if (bytes.length === 0) return undefined;
    if (!isArray(bytes)) return await readOne(request, await decoded(bytes));
    const text = await decodedInTurn(request, bytes);
    return await elementsIn(text, () => checkStays(request));
  });
  app.addContentTypeParser(['application/x-ndjson', 'application/ndjson'], async (request: FastifyRequest, body: IncomingMessage) =>
    linesIn(await decodedInTurn(request, await receive(request, body, lookAtLines()))),
  );
}

/** As it begins, behind blanks. */
function isArray(bytes: Buffer): boolean {
  let at = 0;
  while (isBlank(bytes[at] ?? 0)) at += 1;
  return bytes[at] === openBracket;
}

/**
 * Values are made of what came when it is their turn: as bytes it takes the least memory until then, and nothing is made of what clients have
 * sent that are gone by then.
 */
async function decodedInTurn(request: FastifyRequest, bytes: Buffer): Promise<string> {
  try {
    await request.takeTurn?.();
  } catch (error) {
    free(bytes);
    throw error;
  }
  return await decoded(bytes);
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
