/**
 * Figures, beside those of others in the same run: `npm run -s bench -- <name> [--rounds N]`. One JSON line per figure on
 * stdout, a table for people on stderr.
 */
import { parseArgs } from 'node:util';
import { embedded } from './embedded.ts';
import { events } from './events.ts';
import { http } from './http.ts';
import { large } from './large.ts';
import { million } from './million.ts';
import { idleNodes } from './nodes.ts';
import { redis } from './redis.ts';
import { schedules } from './schedules.ts';
import { machine } from './support/machine.ts';
import { openReport, type Report } from './support/report.ts';
import { tasks } from './tasks.ts';
import { triggers } from './triggers.ts';
import { types } from './types.ts';
import { watch } from './watch.ts';

const benches: Readonly<Record<string, (report: Report, rounds: number) => Promise<void>>> = {
  embedded,
  million,
  http,
  redis,
  large,
  nodes: idleNodes,
  tasks,
  watch,
  triggers,
  types,
  events,
  schedules,
};

// What was started and written goes with this process (the 'exit' handlers), also when it is told to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const { positionals, values } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '5' } } });
const name = positionals[0] ?? '';
const bench = benches[name];
const rounds = Number(values.rounds);

if (bench === undefined || positionals.length !== 1 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`usage: npm run -s bench -- <${Object.keys(benches).join('|')}> [--rounds N], with N at least 1 (5 by default)`);
  process.exitCode = 2;
} else {
  const report = openReport(name, rounds);
  console.error(`${name}: ${rounds} interleaved rounds on ${machine()}`);
  await bench(report, rounds);
  report.print();
}
