import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { Batch } from '../client/client.ts';
import { pushFile, sendBatch } from './batch-file.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf, withDomain } from './client-command.ts';
import { forEach } from './each.ts';
import { checkJson } from './json-option.ts';
import { orWord, whole } from './option-values.ts';
import { table } from './table.ts';
import { type Colour, note, paint, plain, print, printLine } from './terminal.ts';
import { relativeTime } from './times.ts';

interface BatchOptions extends ClientOptions {
  readonly domain?: string;
}

interface AddOptions extends BatchOptions {
  readonly id?: string;
  readonly open?: boolean;
  readonly onEnded?: string;
  readonly onSucceeded?: string;
  readonly onFailed?: string;
}

const batchJson = 'each batch on a line, as `GET /v1/batches/<id>` has it';

export function addBatches(program: Command): void {
  const batches = addGroup(program, 'batches', 'jobs that belong together: list, add, push to, show, seal, cancel, delete batches');
  addListing(batches, 'batches', 'each batch on a line', list, (command) =>
    withDomain(command, 'only those of this tenant').option(
      '-l, --limit <n>',
      'list at most n batches, or all',
      orWord(whole(1, 1_000_000_000), 'all'),
      100,
    ),
  );
  addAdd(batches);
  for (const [verb, what, example] of [
    ['show', 'show batches, with how their jobs stand', 'hatstand batches show newsletter-42'],
    ['seal', 'let batches that were open end with the last of their jobs', 'hatstand batches seal newsletter-42'],
    ['cancel', 'cancel the jobs of batches, which then end as any other', 'hatstand batches cancel newsletter-42'],
  ] as const) {
    const command = withDomain(batches.command(verb).description(what).argument('<id...>', 'the batches'));
    askingServer(command, [example], batchJson).action((ids: readonly string[], options: BatchOptions) => {
      const api = clientOf(options).batches;
      return forEach(ids, options.json, async (id) => {
        const batch = await (verb === 'show' ? api.get(id, options.domain) : api[verb](id, options.domain));
        await tell(batch, options, verb === 'show' ? described : () => `${id}\n`);
      });
    });
  }
  const push = withDomain(
    batches.command('push').description('add the jobs of a file, or of stdin (-), to an open batch').argument('<id>', 'the batch'),
    'its tenant',
  )
    .argument('<file>', 'a file with jobs, one after the other, or - for stdin')
    .option('--idempotency-key <key>', 'the same file again under this key adds nothing twice');
  askingServer(push, ['hatstand batches push growing more.ndjson'], batchJson).action(
    async (id: string, file: string, options: BatchOptions & { readonly idempotencyKey?: string }) =>
      tell(await pushFile(clientOf(options), id, file, options), options, () => `${id}\n`),
  );
  const remove = withDomain(
    batches
      .command('delete')
      .description('delete batches; their jobs go on, and nothing is pushed for them')
      .argument('<id...>', 'the batches'),
  );
  askingServer(remove, ['hatstand batches delete newsletter-42'], '`{"id": "…"}` on a line for each batch').action(
    (ids: readonly string[], options: BatchOptions) =>
      forEach(ids, options.json, async (id) => {
        await clientOf(options).batches.delete(id, options.domain);
        await printLine(options.json === true ? JSON.stringify({ id }) : id);
      }),
  );
}

function addAdd(batches: Command): void {
  const command = batches
    .command('add')
    .description('push the jobs of a file, or of stdin (-), as a batch; print its id')
    .argument('[file]', 'a file with jobs, one after the other, or - for stdin; none for an open batch without jobs')
    .option('--id <id>', 'its id: the same id and jobs again are the same batch; one that nobody guesses when not given')
    .option('--open', 'let it take further jobs, by `hatstand batches push`, until it is sealed')
    .option('--on-ended <job>', 'a job, as JSON, to push when all of its jobs have ended')
    .option('--on-succeeded <job>', 'a job, as JSON, to push when all of them have succeeded')
    .option('--on-failed <job>', 'a job, as JSON, to push when one or more of them have failed');
  askingServer(
    withDomain(command, 'its tenant'),
    [
      'hatstand batches add jobs.ndjson --id newsletter-42 --on-ended \'{"worker": "report"}\'',
      'hatstand batches add - --on-failed \'{"url": "http://localhost:8000/failed"}\' < jobs.ndjson',
    ],
    batchJson,
  ).action(async (file: string | undefined, options: AddOptions) => {
    if (file === undefined && options.open !== true)
      throw new HatstandError(
        'invalid_request',
        'Say which jobs it has: a file, or - for jobs from stdin; or --open for one without any yet.',
      );
    const head = headText(options);
    const batch = await sendBatch(clientOf(options), file, { head, domain: options.domain, isOpen: options.open === true });
    await tell(batch, options, () => `${batch.id}\n`);
  });
}

/** All but its jobs, as JSON text in which the callbacks stand as they were written; without its last brace. */
function headText({ id, domain, onEnded, onSucceeded, onFailed }: AddOptions): string {
  const callbacks = Object.entries({ ended: onEnded, succeeded: onSucceeded, failed: onFailed }).flatMap(([end, text]) => {
    if (text === undefined) return [];
    checkJson(text, `--on-${end}`, `--on-${end}`);
    return [`${JSON.stringify(end)}:${text}`];
  });
  const on = `"on":{${callbacks.join(',')}}`;
  const fields = JSON.stringify({ id, domain }).slice(1, -1);
  return `{${fields === '' ? '' : `${fields},`}${on}`;
}

interface ListOptions extends BatchOptions {
  readonly limit: number | 'all';
}

const perPage = 100;

async function list({ limit, json, domain, ...options }: ListOptions): Promise<void> {
  const client = clientOf(options);
  const most = limit === 'all' ? Number.POSITIVE_INFINITY : limit;
  const found: Batch[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.batches.list({ domain, limit: Math.min(perPage, most - found.length), cursor });
    found.push(...page.batches);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);
  await print(json === true ? found.map((each) => `${JSON.stringify(each)}\n`).join('') : batchTable(found));
  if (cursor !== undefined) note(`There are more: -l all, or a larger number than ${limit}.`);
}

const colours: Readonly<Record<Batch['status'], Colour>> = {
  making: 'yellow',
  open: 'yellow',
  sealed: 'cyan',
  ended: 'green',
  'given-up': 'red',
};

function batchTable(batches: readonly Batch[]): string {
  const now = Date.now();
  return table(
    ['ID', 'JOBS', 'LIVE', 'SUCCEEDED', 'FAILED', 'CANCELED', 'MADE', 'ENDED', 'STATUS'],
    batches.map((batch) => [
      batch.domain === '' ? batch.id : `${batch.domain}/${batch.id}`,
      ...[batch.total, batch.live, batch.succeeded, batch.failed, batch.canceled].map(String),
      relativeTime(batch.createdAt, now),
      relativeTime(batch.endedAt, now) || '-',
      { text: batch.status, colour: colours[batch.status] },
    ]),
  );
}

const tell = (batch: Batch, { json }: ClientOptions, shown: (batch: Batch) => string): Promise<void> =>
  json === true ? printLine(JSON.stringify(batch)) : print(shown(batch));

function described(batch: Batch): string {
  const now = Date.now();
  const rows: readonly (readonly [string, string])[] = [
    ['id', batch.id],
    ['domain', batch.domain],
    ['status', batch.status],
    ['jobs', `${batch.total}, of which ${batch.live} have not ended`],
    ['succeeded', String(batch.succeeded)],
    ['failed', String(batch.failed)],
    ['canceled', String(batch.canceled)],
    ...Object.entries(batch.on).map(([end, { worker, url }]) => [`on ${end}`, url === '' ? worker : url] as const),
    ...batch.callbacks.map(({ on, job, state }) => [`pushed`, `${job} for ${on}, ${state}`] as const),
    ['made', relativeTime(batch.createdAt, now)],
    ['ended', relativeTime(batch.endedAt, now)],
  ];
  return rows.flatMap(([name, value]) => (value === '' ? [] : [`${paint('dim', name.padEnd(13))}${plain(value)}\n`])).join('');
}
