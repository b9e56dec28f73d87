import { type Command, Option } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import { type EventVerb, eventVerbs } from '../../core/event.ts';
import type { Client, Heard, PublishedEvent } from '../client/client.ts';
import { briefly } from '../client/fault.ts';
import { addGroup, askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { checkJson } from './json-option.ts';
import { jsonValues } from './json-values.ts';
import { oneOf, whole } from './option-values.ts';
import { table } from './table.ts';
import { note, paint, plain, print, printLine } from './terminal.ts';

export function addEvents(program: Command): void {
  const events = addGroup(program, 'events', 'what happens to documents: publish events, and follow them as they are told');
  addPublish(events);
  addPreview(events);
  addTail(events);
}

interface EventFields extends ClientOptions {
  readonly doc?: string;
  readonly old?: string;
  readonly domain?: string;
  readonly key?: string;
}

const withDocuments = (command: Command): Command =>
  command
    .option('--doc <json>', 'the document as it is now')
    .option('--old <json>', 'the document as it was before')
    .option('--domain <name>', 'its tenant');

function addPublish(events: Command): void {
  const command = withDocuments(
    events
      .command('publish')
      .description('publish an event, or many from stdin; answers when they are kept with the jobs that they cause')
      .argument('<type>', 'such as io.files; `-` reads JSON from stdin: one event, an array, or a line for each')
      .argument('[verb]', `what happened to the document: ${eventVerbs.join(', ')}`, oneOf(eventVerbs))
      .argument('[id]', 'of the document'),
  ).option('--key <text>', 'your own, so that a publish can be repeated: an event under a known key is not told again');
  const examples = [
    'hatstand events publish io.files CREATED a1b2 --doc \'{"class": "image"}\'',
    'hatstand events publish orders UPDATED 7 --old \'{"paid": false}\' --doc \'{"paid": true}\' --key orders/7/2',
    'hatstand events publish - < events.ndjson',
  ];
  askingServer(command, examples, 'what became of each event on a line, as `POST /v1/events` has it').action(
    async (type: string, verb: EventVerb | undefined, id: string | undefined, options: EventFields) => {
      const { events: api } = clientOf(options);
      const tell = async (published: readonly PublishedEvent[]): Promise<void> => {
        for (const each of published) await tellPublished(each, options.json === true);
      };
      if (type === '-') await publishStdin(api, tell);
      else await tell(await api.publish(eventText({ type, verb, id }, options)));
    },
  );
}

/** Events of one request, and about their characters. */
const perSlice = { events: 1_000, characters: 8 * 1024 * 1024 };

/** As it comes, slice after slice; an array is a slice of its own. What follows one that is wrong is not told. */
async function publishStdin(api: Client['events'], tell: (published: readonly PublishedEvent[]) => Promise<void>): Promise<void> {
  let count = 0;
  const publish = async (text: string, kind: 'json' | 'ndjson'): Promise<void> => {
    const published = await api.publish(text, kind);
    count += published.length;
    await tell(published);
  };
  try {
    for await (const found of jsonValues(process.stdin, 'stdin')) {
      let lines: string[] = [];
      let characters = 0;
      const send = async (): Promise<void> => {
        const sent = lines;
        [lines, characters] = [[], 0];
        if (sent.length > 0) await publish(`${sent.join('\n')}\n`, 'ndjson');
      };
      for (const each of found) {
        const isWrong = each instanceof HatstandError;
        if (isWrong || Array.isArray(each.value) || lines.length === perSlice.events || characters >= perSlice.characters) await send();
        if (isWrong) throw each;
        if (Array.isArray(each.value)) await publish(each.text, 'json');
        else {
          // Within texts JSON has no line breaks.
          lines.push(each.text.replaceAll(/[\r\n]+/g, ' '));
          characters += each.text.length;
        }
      }
      await send();
    }
  } catch (error) {
    if (count > 0) note(`${count} events before that are told.`);
    throw error;
  }
}

/** As JSON text, in which the documents stand as they were written. */
export function eventText(
  { type, verb, id }: { readonly type: string; readonly verb: string | undefined; readonly id: string | undefined },
  { doc, old, domain, key }: EventFields,
): string {
  if (verb === undefined || id === undefined) {
    throw new HatstandError(
      'invalid_request',
      'An event has a type, a verb and the id of its document: hatstand events publish io.files CREATED a1b2',
    );
  }
  const documents = Object.entries({ doc, old }).flatMap(([name, value]) => {
    if (value === undefined) return [];
    checkJson(value, `--${name}`, `--${name}`);
    return `,"${name}":${value}`;
  });
  return `${JSON.stringify({ type, verb, id, domain, key }).slice(0, -1)}${documents.join('')}}`;
}

async function tellPublished(published: PublishedEvent, json: boolean): Promise<void> {
  if (json) return printLine(JSON.stringify(published));
  const { kind, jobs, gathered, dropped } = published;
  await print(jobs.map((job) => `${job}\n`).join(''));
  if (kind === 'known') note('An event was published under this key before: it was not told again.');
  if (gathered > 0) note(`${gathered} windows of triggers have taken it.`);
  if (dropped > 0) note(`${dropped} windows of triggers are full, and have not taken it.`);
}

function addPreview(events: Command): void {
  const command = withDocuments(
    events
      .command('preview')
      .description('tell what an event would push; nothing is told and nothing is pushed')
      .argument('<type>', 'such as io.files')
      .argument('<verb>', `what happened to the document: ${eventVerbs.join(', ')}`, oneOf(eventVerbs))
      .argument('<id>', 'of the document'),
  );
  askingServer(
    command,
    ['hatstand events preview io.files CREATED a1b2 --doc \'{"class": "image"}\''],
    '`{"matched": …, "pushes": […]}`, as `POST /v1/events/preview` has it',
  ).action(async (type: string, verb: EventVerb, id: string, options: EventFields) => {
    const preview = await clientOf(options).events.preview(eventText({ type, verb, id }, options));
    if (options.json === true) return printLine(JSON.stringify(preview));
    const { matched, pushes } = preview;
    const rows = pushes.map(({ trigger, domain, gathers, worker, payload }) => [
      domain === '' ? trigger : `${domain}/${trigger}`,
      gathers ? 'its window' : `a job for ${worker}`,
      gathers ? '' : plain(JSON.stringify(payload)),
    ]);
    if (rows.length > 0) await print(table(['TRIGGER', 'PUSHES', 'PAYLOAD'], rows));
    if (matched > pushes.length) note(`${matched - pushes.length} triggers match it, and are paused, ended or bad.`);
    else if (matched === 0) note('No trigger matches it.');
  });
}

interface TailOptions extends ClientOptions {
  readonly domain?: string;
  readonly after?: string;
  readonly count?: number;
}

function addTail(events: Command): void {
  const command = events
    .command('tail')
    .description('follow events as they are told; a connection that is lost is made again, and goes on where it was')
    .argument('[topic...]', 'a type, all below one (io.*) or all (*, when none is given), perhaps with a document (io.files:7)')
    .option('--domain <name>', 'only those of this tenant')
    .option('--after <place>', 'go on behind this place, as --json shows it')
    .addOption(new Option('-c, --count <n>', 'end after so many events').argParser(whole(1, 1_000_000_000)));
  const examples = ['hatstand events tail', 'hatstand events tail io.files orders:7', 'hatstand events tail hatstand.jobs --json'];
  const json = 'each event on a line with its `place`; `{"gap": "swept"}` where events are not there any more';
  askingServer(command, examples, json).action(async (topics: readonly string[], options: TailOptions) => {
    const { domain, after, count = Number.POSITIVE_INFINITY } = options;
    let left = count;
    const heard = clientOf(options).events.follow(topics.length === 0 ? ['*'] : topics, {
      ...{ domain, after },
      onLost: (fault) => note(`${briefly(fault)} Connecting again, to go on where it was.`),
    });
    for await (const each of heard) {
      await (options.json === true ? printLine(asJson(each)) : tellHeard(each));
      if (each.kind === 'event' && --left === 0) return;
    }
  });
}

const asJson = (heard: Heard): string =>
  JSON.stringify(heard.kind === 'gap' ? { gap: heard.gap, place: heard.place } : { ...heard.event, place: heard.place });

async function tellHeard(heard: Heard): Promise<void> {
  if (heard.kind === 'gap') return note(gaps[heard.gap]);
  const { type, verb, id, domain, doc } = heard.event;
  const tenant = domain === '' ? '' : `${paint('dim', 'domain=')}${plain(domain)} `;
  await printLine(
    `${plain(type)} ${paint(verb === 'DELETED' ? 'red' : 'green', verb)} ${plain(id)} ${tenant}${plain(JSON.stringify(doc))}`,
  );
}

const gaps = {
  swept: 'Events are missing here: they are older than what is kept.',
  rewound: 'Events may be missing here: the store has lost its newest moments, or is another one.',
} as const;
