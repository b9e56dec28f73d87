import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { printBytes } from './terminal.ts';

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('write all jobs with their attempts, all definitions, and the settings of queues, as NDJSON to stdout');
  askingServer(
    command,
    ['hatstand export > jobs.ndjson', 'hatstand export -a http://old:19900 | hatstand import -a http://new:19900 -'],
    '',
  ).action(exportAll);
}

/** More than the last line's length. */
const tailLength = 256;

async function exportAll(options: ClientOptions): Promise<void> {
  let tail = Buffer.alloc(0);
  // Who looks at it on a terminal is not shown what is secret, and does not import that.
  for await (const piece of clientOf(options).upkeep.export(process.stdout.isTTY ? 'hidden' : 'shown')) {
    await printBytes(piece);
    tail = Buffer.concat([tail, piece.subarray(-tailLength)]).subarray(-tailLength);
  }
  if (/\n\{"kind":"end",.*\}\n$/.test(tail.toString('latin1'))) return;
  throw new HatstandError(
    'unreachable',
    'The export was cut off before its last line: not all jobs are in it. The log of the server tells why.',
  );
}
