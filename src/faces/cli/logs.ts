import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { hasEnded } from '../../core/job.ts';
import { reportLimits } from '../../core/report.ts';
import type { Client, LogLine, LogPage } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { whole } from './option-values.ts';
import { makePersistence } from './persistence.ts';
import { type Colour, note, paint, plain, plainLines, print, printLine } from './terminal.ts';

interface LogsOptions extends ClientOptions {
  readonly follow?: true;
  readonly tail?: number;
}

const { keptLines } = reportLimits;
/** How long until the server is asked again for what is new (ms). */
const askAgainAfter = 500;

export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('show what the attempts of a job have told: lines for its log, in their order')
    .argument('<id>', 'the job')
    .option('-f, --follow', 'go on with what is told from now on, until the job has ended')
    .option('-n, --tail <count>', 'show the newest lines only, and what follows', whole(0, keptLines));
  const examples = [
    'hatstand logs 109192606348480512',
    'hatstand logs 109192606348480512 --follow',
    'hatstand logs 109192606348480512 -n 20',
  ];
  askingServer(command, examples, 'each line as `GET /v1/jobs/<id>/lines` has it').action(async (id: string, options: LogsOptions) => {
    const client = clientOf(options);
    const first = await wholeLog(client, id);
    const lines = options.tail === undefined ? first.lines : first.lines.slice(first.lines.length - options.tail);
    const show = options.json === true ? showJson : makeShow(lines.length === first.lines.length);
    for (const line of lines) await show(line);
    if (options.follow === true) await follow(client, id, first, show);
    else if (options.json !== true && first.lines.length === 0) note(nothingTold(first));
  });
}

/** One page has all that is kept. */
const wholeLog = (client: Client, id: string): Promise<LogPage> => client.jobs.lines(id, { limit: keptLines });

const nothingTold = ({ state }: LogPage): string =>
  hasEnded(state) ? 'Nothing was told.' : 'Nothing was told yet; --follow waits for what comes.';

type Show = (line: LogLine) => Promise<void>;

const showJson: Show = (line) => printLine(JSON.stringify(line));

/** Outlasts a server that is away. Throws `not_found` when the job is deleted meanwhile. */
async function follow(client: Client, id: string, first: LogPage, show: Show): Promise<void> {
  const persist = makePersistence({
    until: Number.POSITIVE_INFINITY,
    met: true,
    signal: new AbortController().signal,
    onFault: (fault) => note(`${fault.message.replace(/\s+/g, ' ')} Asking again until it answers.`),
  });
  let { next, more, state } = first;
  while (more || !hasEnded(state)) {
    if (!more) await sleep(askAgainAfter);
    const page = await persist(() => client.jobs.lines(id, { after: next, limit: keptLines }));
    if (page === null) return;
    for (const line of page.lines) await show(line);
    ({ next, more, state } = page);
  }
}

const colours: Readonly<Record<LogLine['level'], Colour>> = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' };

/**
 * For people: a line for each, and a word where some are missing or another attempt begins.
 *
 * @param isWhole nothing that is kept was left out before the first line
 */
function makeShow(isWhole: boolean): Show {
  let before: LogLine | null = null;
  return async (line) => {
    const isNext = before !== null && before.fence !== line.fence;
    if (isNext) await printLine(paint('dim', '-- the next attempt'));
    const last = before === null ? (isWhole ? 0 : line.number - 1) : isNext ? 0 : before.number;
    if (line.number > last + 1) await printLine(paint('dim', `-- ${line.number - last - 1} lines were not kept`));
    before = line;
    await print(described(line));
  };
}

function described({ at, level, text, fields }: LogLine): string {
  const facts = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
  const told = facts.map(([name, value]) => ` ${paint('dim', `${plain(name)}=`)}${plain(JSON.stringify(value))}`).join('');
  const head = `${paint('dim', at)} ${paint(colours[level], level.padEnd(5))} `;
  return `${head}${plainLines(text.trimEnd()).replaceAll('\n', `\n${' '.repeat(at.length + 7)}`)}${told}\n`;
}
