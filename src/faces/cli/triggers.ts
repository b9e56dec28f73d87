import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { LastJob, Trigger, TriggerPreview } from '../client/client.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf, withDomain } from './client-command.ts';
import { forEach } from './each.ts';
import { checkJson } from './json-option.ts';
import { orWord, whole } from './option-values.ts';
import { table } from './table.ts';
import { type Colour, note, paint, plain, print, printLine } from './terminal.ts';
import { relativeTime, zoneTime } from './times.ts';
import { type TriggerFields, triggerText, withTriggerFields } from './trigger-fields.ts';
import { addTriggerHistory } from './trigger-history.ts';
import { addTriggerUpkeep } from './trigger-upkeep.ts';

interface TriggerOptions extends ClientOptions {
  readonly domain?: string;
}

const triggerJson = 'each trigger on a line, as `GET /v1/triggers/<id>` has it';
const previewJson = '`{"next": […], "notes": […]}`';
const count = whole(1, 1_000);

export function addTriggers(program: Command): void {
  const triggers = addGroup(program, 'triggers', 'what pushes jobs by itself: list, add, change, pause, launch triggers');
  const named = (name: string, described: string): Command =>
    withDomain(triggers.command(name).description(described).argument('<id...>', 'the triggers'));

  addListing(triggers, 'triggers', 'each trigger on a line', list, (command) =>
    withDomain(command, 'only those of this tenant').option(
      '-l, --limit <n>',
      'list at most n triggers, or all',
      orWord(whole(1, 1_000_000_000), 'all'),
      500,
    ),
  );
  addAdd(triggers);

  askingServer(named('show', 'show triggers, with what their jobs did'), ['hatstand triggers show nightly'], triggerJson).action(
    (ids: readonly string[], options: TriggerOptions) =>
      forEach(ids, options.json, async (id) => {
        const client = clientOf(options);
        await tell(await client.triggers.get(id, options.domain), options, (trigger) => described(trigger, client.address));
      }),
  );
  addChange(triggers);
  addNext(triggers);

  for (const [verb, what, example] of [
    ['pause', 'push nothing by these triggers until they are resumed', 'hatstand triggers pause nightly'],
    ['resume', 'let these triggers push again; what came due meanwhile is left out', 'hatstand triggers resume nightly'],
    ['skip', 'leave out the next run of these triggers', 'hatstand triggers skip nightly -c 3'],
  ] as const) {
    const command = named(verb, what);
    if (verb === 'pause') command.option('--until <time>', 'only until this time');
    if (verb === 'skip') command.option('-c, --count <n>', 'so many runs; 0: none any more', whole(0, 1_000), 1);
    askingServer(command, [example], triggerJson).action(
      (ids: readonly string[], options: TriggerOptions & { readonly until?: string; readonly count?: number }) => {
        const { triggers: api } = clientOf(options);
        const { domain } = options;
        return forEach(ids, options.json, async (id) => {
          const changed =
            verb === 'pause'
              ? api.pause(id, options.until, domain)
              : verb === 'resume'
                ? api.resume(id, domain)
                : api.skip(id, options.count, domain);
          await tell(await changed, options, () => `${id}\n`);
        });
      },
    );
  }

  const launch = named('launch', 'push a job of these triggers now, as asked for by a person; print their ids');
  launch.option('-p, --payload <json>', 'what the job is given in the place of the message');
  askingServer(
    launch,
    ['hatstand triggers launch nightly'],
    '`{"id": "…"}` on a line for each job, with its `proof` when it runs already (`@client`)',
  ).action((ids: readonly string[], options: TriggerOptions & { readonly payload?: string }) => {
    if (options.payload !== undefined) checkJson(options.payload, '--payload', '-p');
    return forEach(ids, options.json, async (id) => {
      const job = await clientOf(options).triggers.launch(id, options.payload, options.domain);
      const { proof } = job;
      await printLine(options.json === true ? JSON.stringify(proof === null ? { id: job.id } : { id: job.id, proof }) : job.id);
      if (proof !== null && options.json !== true)
        note('It runs already, in the hands of whoever launched it: --json prints the proof by which it is reported and settled.');
    });
  });

  addBackfill(triggers);
  addTriggerHistory(triggers);
  addTriggerUpkeep(triggers);
  askingServer(
    named('delete', 'delete triggers; their jobs stay'),
    ['hatstand triggers delete nightly'],
    '`{"id": "…"}` on a line for each trigger',
  ).action((ids: readonly string[], options: TriggerOptions) =>
    forEach(ids, options.json, async (id) => {
      await clientOf(options).triggers.delete(id, options.domain);
      await printLine(options.json === true ? JSON.stringify({ id }) : id);
    }),
  );
}

function addAdd(triggers: Command): void {
  const command = triggers
    .command('add')
    .description('add a trigger; print its id')
    .argument('<type>', '@at, @in, @every, @cron, @hourly, @daily, @weekly, @monthly, @event, @webhook or @client')
    .argument('[arguments]', 'when it fires, in the words of its type')
    .option('--id <id>', 'its id; one that nobody guesses when not given');
  askingServer(
    withDomain(withTriggerFields(command), 'its tenant'),
    [
      "hatstand triggers add @cron '0 30 8 * * MON-FRI' --tz Europe/Berlin --worker report --id nightly",
      'hatstand triggers add @every 5m --url http://localhost:8000/sync',
      'hatstand triggers add @webhook --worker import --debounce 10s',
    ],
    triggerJson,
  ).action(async (type: string, text: string | undefined, options: TriggerOptions & TriggerFields & { readonly id?: string }) => {
    const client = clientOf(options);
    const trigger = await client.triggers.add(
      triggerText({ type, arguments: text ?? '', id: options.id, domain: options.domain }, options),
    );
    await tell(trigger, options, () => `${trigger.id}\n`);
    if (trigger.webhook !== null) note(`Its address: ${client.address}${trigger.webhook}`);
    if (trigger.unserved) note(`No live node serves the worker ${trigger.worker}: its jobs wait until one does.`);
  });
}

function addChange(triggers: Command): void {
  const command = triggers
    .command('change')
    .alias('patch')
    .description('change a trigger; what is not given stays as it is')
    .argument('<id>', 'the trigger')
    .argument('[arguments]', 'when it fires');
  askingServer(
    withDomain(withTriggerFields(command), 'its tenant'),
    ["hatstand triggers change nightly '0 0 9 * * MON-FRI'", 'hatstand triggers change nightly --queue slow --overlap skip'],
    triggerJson,
  ).action(async (id: string, text: string | undefined, options: TriggerOptions & TriggerFields) => {
    const change = triggerText({ arguments: text }, options);
    if (change === '{}')
      throw new HatstandError('invalid_request', 'Say what is to change: its arguments, or an option such as --message.');
    await tell(await clientOf(options).triggers.change(id, change, options.domain), options, () => `${id}\n`);
  });
}

function addNext(triggers: Command): void {
  const next = withDomain(
    triggers.command('next').description('tell when a trigger fires next').argument('<id>', 'the trigger'),
    'its tenant',
  );
  next.option('-c, --count <n>', 'so many runs', count, 5);
  askingServer(next, ['hatstand triggers next nightly'], previewJson).action(
    async (id: string, options: TriggerOptions & { readonly count: number }) => {
      const { triggers: api } = clientOf(options);
      const preview = await api.next(id, options.count, options.domain);
      const zone = options.json === true ? null : (await api.get(id, options.domain)).timeZone;
      await tellPreview(preview, zone, options);
    },
  );
  const preview = triggers
    .command('preview')
    .description('tell when a trigger would fire; nothing is kept')
    .argument('<type>', 'such as @cron')
    .argument('[arguments]', 'such as "0 30 8 * * MON-FRI"')
    .option('--tz <zone>', 'the time zone, such as Europe/Berlin')
    .option('--from <time>', 'after this time; now when not given')
    .option('-c, --count <n>', 'so many runs', count, 5);
  askingServer(preview, ["hatstand triggers preview @cron '0 30 2 * * *' --tz Europe/Berlin"], previewJson).action(
    async (
      type: string,
      text: string | undefined,
      { tz, from, count: most, ...options }: ClientOptions & { readonly tz?: string; readonly from?: string; readonly count: number },
    ) => {
      const asked = { type: type as Trigger['type'], arguments: text ?? '', count: most };
      const zoned = { ...asked, ...(tz === undefined ? {} : { timeZone: tz }), ...(from === undefined ? {} : { from }) };
      await tellPreview(await clientOf(options).triggers.preview(zoned), tz ?? null, options);
    },
  );
}

function addBackfill(triggers: Command): void {
  const command = withDomain(triggers.command('backfill').argument('<id>', 'the trigger'), 'its tenant')
    .description('push a job for each tick of a span of the past; print their ids')
    .requiredOption('--from <time>', 'the beginning of the span, such as 2026-01-31T12:00:00Z')
    .option('--to <time>', 'its end; now when not given');
  askingServer(
    command,
    ['hatstand triggers backfill nightly --from 2026-01-01 --to 2026-01-31'],
    '`{"id": "…"}` on a line for each job',
  ).action(async (id: string, options: TriggerOptions & { readonly from: string; readonly to?: string }) => {
    const span = { from: options.from, ...(options.to === undefined ? {} : { to: options.to }) };
    const { jobs, replayed } = await clientOf(options).triggers.backfill(id, span, options.domain);
    for (const job of jobs) await printLine(options.json === true ? JSON.stringify({ id: job }) : job);
    if (replayed > 0) note(`${replayed} of these jobs were pushed by an earlier backfill.`);
  });
}

interface ListOptions extends TriggerOptions {
  readonly limit: number | 'all';
}

const perPage = 500;

async function list({ limit, json, domain, ...options }: ListOptions): Promise<void> {
  const client = clientOf(options);
  const most = limit === 'all' ? Number.POSITIVE_INFINITY : limit;
  const found: Trigger[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.triggers.list({ domain, limit: Math.min(perPage, most - found.length), cursor });
    found.push(...page.triggers);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);
  await print(json === true ? found.map((each) => `${JSON.stringify(each)}\n`).join('') : triggerTable(found));
  if (cursor !== undefined) note(`There are more: -l all, or a larger number than ${limit}.`);
}

const colours: Readonly<Record<Trigger['status'], Colour>> = { active: 'green', paused: 'yellow', ended: 'gray', bad: 'red' };

function triggerTable(triggers: readonly Trigger[]): string {
  const now = Date.now();
  return table(
    ['ID', 'TYPE', 'ARGUMENTS', 'FOR', 'NEXT', 'LAST', 'STATUS'],
    triggers.map((trigger) => [
      trigger.domain === '' ? trigger.id : `${trigger.domain}/${trigger.id}`,
      trigger.type,
      plain(trigger.timeZone === null ? trigger.arguments : `${trigger.arguments} (${trigger.timeZone})`),
      plain(trigger.url === '' ? trigger.worker : trigger.url),
      relativeTime(trigger.nextAt, now) || '-',
      relativeTime(trigger.newest?.at ?? null, now) || '-',
      { text: trigger.status, colour: colours[trigger.status] },
    ]),
  );
}

const tell = (trigger: Trigger, { json }: ClientOptions, shown: (trigger: Trigger) => string): Promise<void> =>
  json === true ? printLine(JSON.stringify(trigger)) : print(shown(trigger));

function described(trigger: Trigger, address: string): string {
  const now = Date.now();
  const last = (job: LastJob | null): string =>
    job === null ? '' : `${job.job}, ${job.end ?? 'pushed'} ${relativeTime(job.at, now)}${job.error === '' ? '' : `: ${job.error}`}`;
  const rows: readonly (readonly [string, string])[] = [
    ['id', trigger.id],
    ['domain', trigger.domain],
    ['fires', `${trigger.type} ${trigger.arguments}${trigger.timeZone === null ? '' : ` (${trigger.timeZone})`}`],
    ['for', trigger.url === '' ? trigger.worker : trigger.url],
    ['message', trigger.message === null ? '' : JSON.stringify(trigger.message)],
    [
      'status',
      `${trigger.status}${trigger.reason === '' ? '' : `: ${trigger.reason}`}${trigger.pausedUntil === null ? '' : ` until ${trigger.pausedUntil}`}`,
    ],
    ['next', trigger.nextAt === null ? '' : [trigger.nextAt, ...inZone(trigger.nextAt, trigger.timeZone)].join('  ')],
    ['skips', trigger.skip === 0 ? '' : String(trigger.skip)],
    ['missed', isCalled(trigger) ? '' : trigger.missed.policy],
    ['overlap', trigger.overlap],
    [
      'debounce',
      trigger.debounce === null
        ? ''
        : `${trigger.debounce.wait}${trigger.debounce.maxWait === null ? '' : `, at most ${trigger.debounce.maxWait}`}`,
    ],
    ['gathered', trigger.window === null ? '' : String(trigger.window.count)],
    ['address', trigger.webhook === null ? '' : `${address}${trigger.webhook}`],
    ['signed', trigger.signed ? 'calls must be, with its secret' : ''],
    ['running', `${trigger.live}${trigger.outlasted ? ': a run goes on beyond the time of the next one' : ''}`],
    ['newest', last(trigger.newest)],
    ['succeeded', last(trigger.succeeded)],
    ['failed', last(trigger.failed)],
    ['unserved', trigger.unserved ? `no live node serves the worker ${trigger.worker}` : ''],
  ];
  return rows.flatMap(([name, value]) => (value === '' ? [] : [`${paint('dim', name.padEnd(11))}${plain(value)}\n`])).join('');
}

/** It is not time by which it fires, so no run of it is missed. */
const isCalled = ({ type }: Trigger): boolean => ['@event', '@webhook', '@client'].includes(type);

/** The time on the clocks of its zone, if it has one. */
const inZone = (time: string, zone: string | null): readonly string[] => (zone === null ? [] : [zoneTime(time, zone)]);

async function tellPreview(preview: TriggerPreview, zone: string | null, { json }: ClientOptions): Promise<void> {
  if (json === true) return printLine(JSON.stringify(preview));
  const now = Date.now();
  const rows = preview.next.map((time) => [time, ...inZone(time, zone), relativeTime(time, now)].join('  '));
  await print(rows.map((row) => `${plain(row)}\n`).join(''));
  for (const each of preview.notes) note(each);
}
