import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { type Destination, openDestination } from './destination.ts';
import { onInterrupt } from './interrupt.ts';
import { note, print, printBytes } from './terminal.ts';

interface ExportOptions extends ClientOptions {
  readonly withSecrets?: boolean;
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write all jobs with their attempts, all definitions, and the settings of queues, as NDJSON: to the file, which only its owner can read, or to stdout. ' +
        'What is secret in headers and addresses of jobs is hidden, and a job that lacks it cannot be imported: a backup needs --with-secrets',
    )
    .argument('[file]', 'replaced when all is in it; - is stdout')
    .option('--with-secrets', 'write out the secrets too, so that every job can be imported; keep the file as you keep them');
  askingServer(
    command,
    [
      'hatstand export --with-secrets backup.ndjson',
      'hatstand export > jobs.ndjson             to look at, or to hand on',
      'hatstand export --with-secrets -a http://old:19900 | hatstand import -a http://new:19900 -',
    ],
    '',
  ).action(exportTo);
}

async function exportTo(file = '-', options: ExportOptions): Promise<void> {
  const { withSecrets = false } = options;
  const name = file === '-' ? 'This export' : file;
  const interrupt = onInterrupt();
  const destination = file === '-' ? stdout() : await openDestination(file);
  interrupt.signal.addEventListener('abort', () => void destination.giveUp().finally(() => process.exit(interrupt.exitCode() ?? 1)));
  const hidden = await writeAll(options, destination).finally(() => interrupt.end());
  if (withSecrets) note(`${name} holds the secrets of jobs, from their headers and addresses: keep it as you keep them.`);
  const total = hidden.jobs + hidden.definitions;
  if (total === 0) return;
  const lacking = [
    ...(hidden.jobs === 0 ? [] : [counted(hidden.jobs, 'job', 'jobs')]),
    ...(hidden.definitions === 0 ? [] : [counted(hidden.definitions, 'trigger or batch', 'triggers or batches')]),
  ].join(' and ');
  const [lack, them] = total === 1 ? ['lacks its', 'it'] : ['lack their', 'them'];
  note(`${name} is no backup: ${lacking} ${lack} secrets, and \`hatstand import\` will refuse ${them}. Export --with-secrets for one.`);
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What lacks secrets. */
interface Hidden {
  readonly jobs: number;
  readonly definitions: number;
}

/** Answers how many lack secrets. */
async function writeAll(options: ExportOptions, destination: Destination): Promise<Hidden> {
  const pieces = makePieces();
  try {
    for await (const piece of clientOf(options).upkeep.export(options.withSecrets === true ? 'shown' : 'hidden')) {
      await destination.write(piece);
      pieces.add(piece);
    }
    if (!pieces.haveEnd()) throw cutOff();
  } catch (error) {
    await destination.giveUp();
    throw error;
  }
  await destination.keep();
  return pieces.hidden();
}

const cutOff = (): HatstandError =>
  new HatstandError('unreachable', 'The export was cut off before its last line: not all jobs are in it. The log of the server tells why.');

/** On a terminal it is text, so that nothing in it steers that. */
function stdout(): Destination {
  const decoder = new TextDecoder();
  return {
    write: (piece) => (process.stdout.isTTY ? print(decoder.decode(piece, { stream: true })) : printBytes(piece)),
    keep: async () => undefined,
    giveUp: async () => undefined,
  };
}

interface Pieces {
  add(piece: Uint8Array): void;
  /** Those that say that they lack secrets. */
  hidden(): Hidden;
  haveEnd(): boolean;
}

/** How the lines of these begin. A line holds no line break, so nothing else in it looks like this. */
const hiddenLines = { jobs: '\n{"kind":"job","secrets":"hidden"', definitions: '\n{"kind":"definition","secrets":"hidden"' };
const kinds = ['jobs', 'definitions'] as const;
/** More than the last line's length. */
const tailLength = 256;

/** What is known of an export from its pieces, of which none need end where a line does. */
function makePieces(): Pieces {
  let tail = Buffer.alloc(0);
  const found = { jobs: 0, definitions: 0 };
  return {
    add(piece) {
      for (const kind of kinds) {
        const line = hiddenLines[kind];
        // A beginning that was seen whole before is not seen again.
        const text = Buffer.concat([tail.subarray(-(line.length - 1)), piece]);
        for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + 1)) found[kind] += 1;
      }
      tail = Buffer.concat([tail, piece.subarray(-tailLength)]).subarray(-tailLength);
    },
    hidden: () => found,
    haveEnd: () => /\n\{"kind":"end",.*\}\n$/.test(tail.toString('latin1')),
  };
}
