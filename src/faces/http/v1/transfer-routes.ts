/** Moving everything to another store: out as NDJSON, and in again. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import type { TransferItem } from '../../../core/transfer.ts';
import type { Api } from '../../../engine/api/api.ts';
import { slicesOf } from '../../../engine/api/slices.ts';
import { NdjsonText } from './body.ts';
import { answers, body, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';
import { endLine, headLine, itemLine, readLine } from './transfer-line.ts';
import { ExportQuery, type Imported } from './transfer-schemas.ts';
import { compileAddressCheck } from './validation.ts';

const ndjson = 'application/x-ndjson';
/** Room for a job with the longest payload, output and history, its texts escaped. */
const largestBody = 64 * 1024 * 1024;
const maxLines = 10_000;
/** Lines that are read and taken in before others are read. */
const perSlice = { items: 100, characters: 4 * 1024 * 1024 };
const maxFaults = 100;
const maxNames = 100;
/** Characters that are sent together. */
const piece = 64 * 1024;

/** The app must read NDJSON bodies. */
export function transferRoutes(app: FastifyInstance, api: Api): void {
  app.get<{ Querystring: ExportQuery }>('/export', { schema: exportSchema }, (request, reply) => {
    const lines = exportLines(api, request.query.secrets === 'hidden');
    return reply.type(`${ndjson}; charset=utf-8`).send(Readable.from(inPieces(lines), { objectMode: false }));
  });
  app.post('/import', { bodyLimit: largestBody, schema: importSchema, validatorCompiler: compileAddressCheck }, async (request) => {
    if (request.body instanceof NdjsonText) return importLines(api, request.body.text.split('\n'));
    throw new HatstandError('unsupported_media_type', `The body must be what GET /v1/export gave, said by "Content-Type: ${ndjson}".`);
  });
}

async function* exportLines({ transfer, system }: Api, hides: boolean): AsyncGenerator<string, void> {
  yield headLine(system.build.version, hides);
  const count = { queue: 0, definition: 0, job: 0, unreadable: 0 };
  for await (const item of transfer.export()) {
    yield itemLine(item, hides);
    count[item.kind] += 1;
  }
  yield endLine({ queues: count.queue, definitions: count.definition, jobs: count.job });
}

async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  let text = '';
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length < piece) continue;
    yield text;
    text = '';
  }
  yield text;
}

async function importLines({ transfer }: Api, lines: readonly string[]): Promise<Imported> {
  if (lines.length > maxLines + 1) {
    throw new HatstandError('too_large', `One request may import ${maxLines} lines, this one has ${lines.length}. Send several.`, {
      limit: maxLines,
    });
  }
  const faults: { line: number; code: HatstandError['code']; detail: string }[] = [];
  const refuse = (line: number, error: HatstandError): void => void faults.push({ line, code: error.code, detail: error.message });
  const jobs = { restored: 0, exists: 0, configured: 0 };
  const definitions = { restored: 0, exists: 0, configured: 0 };
  const kept: string[] = [];
  // Others have their turn while a slice is taken in.
  for (const slice of slicesOf(lines.entries(), perSlice, ([, text]) => text.length)) {
    const sent: { readonly item: TransferItem; readonly line: number }[] = [];
    for (const [at, text] of slice) {
      const item = text.trim() === '' ? null : tryRead(text);
      if (item instanceof HatstandError) refuse(at + 1, item);
      else if (item !== null) sent.push({ item, line: at + 1 });
    }
    const taken = sent.length === 0 ? [] : await transfer.import(sent.map(({ item }) => item));
    for (const [at, { item, line }] of sent.entries()) {
      const answer = taken[at];
      if (answer === undefined) throw new Error('fewer items were answered than were sent');
      if (answer.kind === 'refused') refuse(line, answer.error);
      else if (answer.kind === 'exists' && item.kind === 'queue') kept.push(item.name);
      else (item.kind === 'definition' ? definitions : jobs)[answer.kind] += 1;
    }
  }
  return {
    restored: jobs.restored,
    existed: jobs.exists,
    queues: jobs.configured,
    definitions: definitions.restored,
    definitionsKept: definitions.exists,
    queuesKept: kept.length,
    queuesKeptNames: kept.slice(0, maxNames),
    failed: faults.length,
    faults: faults.toSorted((a, b) => a.line - b.line).slice(0, maxFaults),
  };
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
