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
  if (hidden === 0) return;
  const jobs = hidden === 1 ? '1 job lacks its secrets' : `${hidden} jobs lack their secrets`;
  note(
    `${name} is no backup: ${jobs}, and \`hatstand import\` will refuse ${hidden === 1 ? 'it' : 'them'}. Export --with-secrets for one.`,
  );
}

/** Answers how many jobs lack secrets. */
async function writeAll(options: ExportOptions, destination: Destination): Promise<number> {
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
  /** Jobs that say that they lack secrets. */
  hidden(): number;
  haveEnd(): boolean;
}

/** How the line of such a job begins. A line holds no line break, so nothing else in it looks like this. */
const hiddenJob = '\n{"kind":"job","secrets":"hidden"';
/** More than the last line's length. */
const tailLength = 256;

/** What is known of an export from its pieces, of which none need end where a line does. */
function makePieces(): Pieces {
  let tail = Buffer.alloc(0);
  let found = 0;
  return {
    add(piece) {
      // A beginning that was seen whole before is not seen again.
      const text = Buffer.concat([tail.subarray(-(hiddenJob.length - 1)), piece]);
      for (let at = text.indexOf(hiddenJob); at >= 0; at = text.indexOf(hiddenJob, at + 1)) found += 1;
      tail = Buffer.concat([tail, piece.subarray(-tailLength)]).subarray(-tailLength);
    },
    hidden: () => found,
    haveEnd: () => /\n\{"kind":"end",.*\}\n$/.test(tail.toString('latin1')),
  };
}
