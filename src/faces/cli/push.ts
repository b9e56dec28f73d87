import { type Command, Option } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import { hideLogin } from '../../core/login.ts';
import type { Client } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { openInput } from './input.ts';
import { jsonValues } from './json-values.ts';
import { duration, header, wholeNumber } from './option-values.ts';
import { makeProgress } from './progress.ts';
import { pushMany } from './push-many.ts';
import { print } from './terminal.ts';
import { type UrlJobOptions, urlJob, urlJobOptions } from './url-job.ts';
import { waitForJobs } from './wait.ts';

interface PushOptions extends ClientOptions, UrlJobOptions {
  readonly wait?: boolean;
}

const rules = `
Jobs follow HQ's rules (one attempt, no timeout, only 200 succeeds), as those of HQ's own command do. A job in a file with a
field that only /v1 has (queue, delay, retry, …) follows the rules of /v1, and so does a url with --queue, --priority, --delay,
--attempts or --idempotency-key.`;

export function addPush(program: Command): void {
  const command = program
    .command('push')
    .description('push jobs, from JSON files, from stdin (-) or to one url; print their ids')
    .argument('<file...>', 'JSON files with one or more jobs each, or - for stdin, or a url')
    .option('-p, --payload <json>', 'with a url: what is POSTed')
    .option('-n, --name <name>', 'with a url: the name')
    .option('--comment <text>', 'with a url: the comment')
    .addOption(new Option('-H, --header <name: value>', 'with a url: a header; can be given again').argParser(header))
    .option('--timeout <seconds>', 'with a url: how long it may take', wholeNumber)
    .option('--queue <name>', 'with a url: the queue')
    .option('--priority <n>', 'with a url: higher goes first', wholeNumber)
    .option('--delay <duration>', 'with a url: not before, such as 10s or 5m', duration)
    .option('--attempts <n>', 'with a url: how often it is tried', wholeNumber)
    .option('--idempotency-key <key>', 'with a url: the same key and job again is the same job')
    .option('-w, --wait', 'wait until the jobs have ended, as `hatstand wait` does');
  askingServer(command.addHelpText('after', rules), [
    'hatstand push job.json',
    'hatstand push http://localhost:8000/ -p \'{"message": "Hello world!"}\'',
    'hatstand push - < jobs.ndjson             many jobs, one after the other',
  ]).action(push);
}

async function push(files: readonly string[], options: PushOptions): Promise<void> {
  const client = clientOf(options);
  const ids = collectorOf(options);
  const given = urlJobOptions.find((name) => options[name] !== undefined);
  const [first = '', ...others] = files;
  if (/^https?:\/\//i.test(first)) {
    if (others.length > 0) throw new HatstandError('invalid_request', 'Give one url, or files, not several urls.');
    await ids.add([await pushUrl(client, first, options)]);
  } else if (/^[a-z][\w+.-]*:\/\//i.test(first)) {
    throw new HatstandError('invalid_request', `A url must begin with http:// or https://, not ${JSON.stringify(hideLogin(first))}.`);
  } else if (given !== undefined) {
    throw new HatstandError('invalid_request', `--${flagOf(given)} goes with a url; in a file, write it into the job.`);
  } else {
    for (const file of files) await pushFile(client, file, ids);
  }
  if (options.wait === true) await waitForJobs(client, ids.all, { json: options.json === true, met: true });
}

interface Collector {
  /** Only filled when they are needed afterwards. */
  readonly all: string[];
  readonly showsIds: boolean;
  add(ids: readonly string[]): Promise<void>;
}

function collectorOf({ wait, json }: PushOptions): Collector {
  const all: string[] = [];
  return {
    all,
    showsIds: wait !== true,
    async add(ids) {
      if (wait === true) all.push(...ids);
      else await print(ids.map((id) => `${json === true ? JSON.stringify({ id }) : id}\n`).join(''));
    },
  };
}

async function pushUrl(client: Client, url: string, options: UrlJobOptions): Promise<string> {
  const { text, dialect } = urlJob(url, options);
  return (await client[dialect === 'v1' ? 'jobs' : 'hq'].push(text)).id;
}

const flagOf = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function pushFile(client: Client, file: string, ids: Collector): Promise<void> {
  const { name: source, stream, part } = await openInput(file);
  const progress = makeProgress({
    done: 'pushed',
    part,
    // Ids on a terminal are progress enough.
    bar: process.stderr.isTTY && !(ids.showsIds && process.stdout.isTTY),
    write: (text) => process.stderr.write(text),
  });
  let pushed = 0;
  try {
    await pushMany(client, jsonValues(stream, source), source, async (these) => {
      pushed += these.length;
      await ids.add(these);
      progress.add(these.length);
    });
  } finally {
    progress.end();
  }
  if (pushed === 0) throw new HatstandError('invalid_request', `${source} holds no job.`);
}
