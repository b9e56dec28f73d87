/** Moving everything to another store: out as NDJSON, and in again. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { readBatch } from '../../../core/batch-record.ts';
import { HatstandError } from '../../../core/errors.ts';
import { hasEnded, type NewJob } from '../../../core/job.ts';
import type { TransferItem } from '../../../core/transfer.ts';
import { jobOf } from '../../../core/trigger.ts';
import { readTrigger } from '../../../core/trigger-record.ts';
import type { Api } from '../../../engine/api/api.ts';
import { slicesOf } from '../../../engine/api/slices.ts';
import { inSteps, inTurn } from '../long-work.ts';
import { inPieces } from '../pieces.ts';
import type { PushLimits } from './job-request.ts';
import { scanned, shortText } from './json-text.ts';
import { ManyTexts, maxValues, tooMany } from './many.ts';
import { answers, body, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';
import { endLine, headLine, itemLine, readLine } from './transfer-line.ts';
import { ExportQuery, type Imported } from './transfer-schemas.ts';
import { compileAddressCheck } from './validation.ts';

const ndjson = 'application/x-ndjson';
/** Room for a job with the longest payload, output and history, its texts escaped. */
const largestBody = 64 * 1024 * 1024;
/** More than a definition with all its parts, or a job with all its attempts. */
const maxLineValues = 20_000;
const maxLineDepth = 16;
/** Lines that are read and taken in before others are read. */
const perSlice = { items: 100, characters: 4 * 1024 * 1024 };
const maxFaults = 100;
const maxNames = 100;

/** The app must read NDJSON bodies. */
export function transferRoutes(app: FastifyInstance, api: Api, { admit = asItIs }: Pick<PushLimits, 'admit'>): void {
  app.get<{ Querystring: ExportQuery }>('/export', { schema: exportSchema, config: { streams: true } }, (request, reply) => {
    const lines = exportLines(api, request.query.secrets === 'hidden');
    return reply.type(`${ndjson}; charset=utf-8`).send(Readable.from(inPieces(lines), { objectMode: false }));
  });
  app.post('/import', { bodyLimit: largestBody, schema: importSchema, validatorCompiler: compileAddressCheck }, async (request) => {
    if (request.body instanceof ManyTexts && request.body.kind === 'lines') return importLines(api, request.body.texts, admit);
    throw new HatstandError('unsupported_media_type', `The body must be what GET /v1/export gave, said by "Content-Type: ${ndjson}".`);
  });
}

async function* exportLines({ transfer, system }: Api, hides: boolean): AsyncGenerator<string, void> {
  yield `${headLine(system.build.version, hides)}\n`;
  const count = { queue: 0, limit: 0, definition: 0, job: 0, unreadable: 0 };
  for await (const item of transfer.export()) {
    yield await inTurn(() => `${itemLine(item, hides)}\n`);
    count[item.kind] += 1;
  }
  yield `${endLine({ queues: count.queue, ...(count.limit > 0 && { limits: count.limit }), definitions: count.definition, jobs: count.job })}\n`;
}

async function importLines({ transfer }: Api, lines: readonly string[], admit: Admit): Promise<Imported> {
  // Behind the last line break stands nothing.
  if (lines.length > maxValues + 1) throw tooMany(`${maxValues} lines, this one has ${lines.length}`);
  const faults: { line: number; code: HatstandError['code']; detail: string }[] = [];
  const refuse = (line: number, error: HatstandError): void => void faults.push({ line, code: error.code, detail: error.message });
  const jobs = { restored: 0, exists: 0, configured: 0 };
  const definitions = { restored: 0, exists: 0, configured: 0 };
  const limits = { restored: 0, exists: 0, configured: 0 };
  const kept: string[] = [];
  // Others have their turn while a slice is taken in.
  for (const slice of slicesOf(lines.entries(), perSlice, ([, text]) => text.length)) {
    const sent: { readonly item: TransferItem; readonly line: number }[] = [];
    for (const [at, read] of await readLines(slice)) {
      const item = await admitted(read, admit);
      if (item instanceof HatstandError) refuse(at + 1, item);
      else if (item !== null) sent.push({ item, line: at + 1 });
    }
    const taken = sent.length === 0 ? [] : await transfer.import(sent.map(({ item }) => item));
    for (const [at, { item, line }] of sent.entries()) {
      const answer = taken[at];
      if (answer === undefined) throw new Error('fewer items were answered than were sent');
      if (answer.kind === 'refused') refuse(line, answer.error);
      else if (answer.kind === 'exists' && item.kind === 'queue') kept.push(item.name);
      else (item.kind === 'definition' ? definitions : item.kind === 'limit' ? limits : jobs)[answer.kind] += 1;
    }
  }
  return {
    restored: jobs.restored,
    existed: jobs.exists,
    queues: jobs.configured,
    limits: limits.configured,
    limitsKept: limits.exists,
    definitions: definitions.restored,
    definitionsKept: definitions.exists,
    queuesKept: kept.length,
    queuesKeptNames: kept.slice(0, maxNames),
    failed: faults.length,
    faults: faults.toSorted((a, b) => a.line - b.line).slice(0, maxFaults),
  };
}

type Admit = NonNullable<PushLimits['admit']>;
const asItIs: Admit = (job) => Promise.resolve(job);

/** Who may not push to a worker may not bring it jobs that wait, or what pushes some, either. */
async function admitted(item: ReadLine[1], admit: Admit): Promise<ReadLine[1]> {
  const jobs = item === null || item instanceof HatstandError ? [] : waitingIn(item);
  try {
    for (const job of jobs) await admit(job, 'worker');
    return item;
  } catch (error) {
    if (error instanceof HatstandError) return error;
    throw error;
  }
}

/** What runs, or what it makes run. */
function waitingIn(item: TransferItem): readonly NewJob[] {
  if (item.kind === 'job' && !hasEnded(item.copy.job.state)) return [{ ...item.copy.job, start: null, idempotency: null }];
  if (item.kind !== 'definition') return [];
  const { definition } = item.copy;
  try {
    if (definition.kind === 'trigger') return [jobOf(definition, readTrigger(definition.body), {})];
    if (definition.kind !== 'batch') return [];
    const { on } = readBatch(definition.body);
    return Object.values(on).map((job) => jobOf(definition, { job }, {}));
  } catch {
    // It is refused as none, further on.
    return [];
  }
}

type ReadLine = readonly [at: number, item: TransferItem | HatstandError | null];

async function readLines(lines: readonly (readonly [at: number, text: string])[]): Promise<readonly ReadLine[]> {
  const tooMuch = await Promise.all(lines.map(([, text]) => (text.length > shortText ? checkSize(text) : null)));
  const read: ReadLine[] = [];
  await inSteps(() => {
    const next = lines[read.length];
    if (next === undefined) return false;
    const [at, text] = next;
    read.push([at, text.trim() === '' ? null : (tooMuch[read.length] ?? tryRead(text))]);
    return read.length < lines.length;
  });
  return read;
}

/** Of a line that is long: why it is not even parsed. */
async function checkSize(text: string): Promise<HatstandError | null> {
  try {
    const { values, deepest } = await scanned(text, 0);
    if (values <= maxLineValues && deepest <= maxLineDepth) return null;
    const told = `A line may have ${maxLineValues} values in ${maxLineDepth} levels, this one has ${values} in ${deepest}.`;
    return new HatstandError('too_large', told, { limit: maxLineValues });
  } catch (error) {
    if (error instanceof HatstandError) return error;
    throw error;
  }
}

function tryRead(text: string): TransferItem | HatstandError | null {
  try {
    return readLine(text);
  } catch (error) {
    if (error instanceof HatstandError) return error;
    throw error;
  }
}

const tags = ['system'];
const exportSchema = {
  operationId: 'exportJobs',
  summary: 'Write out all jobs with their attempts, all definitions, and the settings of queues',
  description:
    'NDJSON: a line that names the format, the queues, the definitions, the jobs, oldest first, records that nobody can read as they are (which no import takes), and a last line that tells how many; an export without that was cut off. Jobs that change meanwhile are told as they were or as they are. Idempotency keys stay behind. Secrets in headers and addresses of jobs are written out, so keep it as you keep them; with `secrets=hidden` they are not, which the first line tells, and so does each job that lacks some (`"secrets":"hidden"`), which is not taken in. Where a secret is `***` itself, the line says `"secrets":"shown"`; without that, `***` in the place of a secret is taken for a hidden one.',
  tags,
  querystring: ExportQuery,
  response: answers({ 200: { description: 'The lines.', type: ndjson, schema: Type.String() } }),
};
const importSchema = {
  operationId: 'importJobs',
  summary: 'Take in lines of an export',
  description:
    'Jobs keep their ids, states, results, times and attempts; one that was running is queued. Definitions keep all but their versions. A job that is here already stays as it is, and so do a definition that is here and a queue that was configured here, so repeating an import is harmless. A refused line stops no other, and an export may be sent in parts.',
  tags,
  querystring: NoQuery,
  body: { content: { [ndjson]: { schema: Type.String({ description: 'The lines of an export, or some of them: at most 10,000.' }) } } },
  response: answers({ 200: { description: 'What became of the lines.', schema: Type.Ref('Imported') } }, [
    'store_full',
    ...body,
    ...change,
  ]),
};
