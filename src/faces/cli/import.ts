import type { Command } from 'commander';
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { Client } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { ImportSum } from './import-sum.ts';
import { Tally } from './import-tally.ts';
import { type Input, openInput } from './input.ts';
import { linesOf } from './lines.ts';
import { makeProgress, type Progress } from './progress.ts';
import { note, printLine } from './terminal.ts';

export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('take in what `hatstand export` wrote; repeating it is harmless')
    .argument('<file...>', 'files, or - for stdin');
  askingServer(
    command,
    ['hatstand import jobs.ndjson', 'hatstand import - < jobs.ndjson'],
    'how many of each kind were restored, existed or failed',
  ).action(importAll);
}

async function importAll(files: readonly string[], options: ClientOptions): Promise<void> {
  const client = clientOf(options);
  const all = new ImportSum();
  const incomplete: string[] = [];
  const faults: string[] = [];
  const show = async (sum: ImportSum, name: string): Promise<void> => {
    all.add(sum);
    if (options.json !== true) await printLine(`${files.length > 1 ? `${name}: ` : ''}${sum.text()}`);
  };
  try {
    for (const file of files) {
      const input = await openInput(file);
      const fault = await importFile(client, input, show);
      if (fault === null) continue;
      incomplete.push(input.name);
      faults.push(`${input.name} ${fault}.`);
    }
  } catch (error) {
    if (options.json === true && all.hasAny()) await printLine(JSON.stringify({ ...all.json(), incomplete }));
    throw error;
  }
  const { failed } = all.counts;
  if (options.json === true) await printLine(JSON.stringify({ ...all.json(), incomplete }));
  if (failed > 0) faults.unshift(`Refused lines: ${failed}.`);
  if (faults.length > 0) throw new HatstandError('invalid_request', `${faults.join(' ')} What else came is in.`, { failed, incomplete });
}

/** Shows what was done, also of a file that cannot be taken in to its end. Answers what it lacks, or `null`. */
async function importFile(client: Client, input: Input, show: (sum: ImportSum, name: string) => Promise<void>): Promise<string | null> {
  const sum = new ImportSum();
  const progress = makeProgress({
    done: 'imported',
    part: input.part,
    bar: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
  });
  try {
    const tally = await importOne(client, input, sum, progress).finally(() => progress.end());
    await show(sum, input.name);
    return tally.fault();
  } catch (error) {
    if (sum.hasAny()) await show(sum, input.name);
    throw error;
  }
}

/** One request. */
const perRequest = { lines: 500, characters: 4 * 1024 * 1024 };

/** Answers how much came. */
async function importOne(client: Client, { name, stream }: Input, sum: ImportSum, progress: Progress): Promise<Tally> {
  let group: string[] = [];
  let characters = 0;
  let before = 0;
  const tally = new Tally();

  async function send(): Promise<void> {
    const answer = await client.upkeep.import(group).catch((error: unknown) => {
      throw atLine(error, name, before + 1);
    });
    sum.took(answer);
    for (const { line, detail } of answer.faults) note(`error: ${name}, line ${before + line}: ${detail}`);
    progress.add(group.length);
    before += group.length;
    group = [];
    characters = 0;
  }

  for await (const lines of linesOf(stream, name)) {
    for (const line of lines) {
      const full = group.length === perRequest.lines || characters + line.length > perRequest.characters;
      if (full && group.length > 0) await send();
      group.push(line);
      characters += line.length;
      tally.add(line);
    }
  }
  if (group.length > 0) await send();
  return tally;
}

/** What was sent before is in; what this request held may be. */
function atLine(error: unknown, source: string, line: number): unknown {
  if (!(error instanceof HatstandError)) return error;
  const message = `${messageOf(error)} Everything before line ${line} of ${source} is in; repeat the import, which is harmless.`;
  return new HatstandError(error.code, message, { ...error.details, line }, { cause: error });
}
