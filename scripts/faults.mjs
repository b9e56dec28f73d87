// All fault scenarios at their full length, one after the other, and a table of what came of them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringServices } from './services.mjs';
import { tally } from './tests.mjs';

/** `npm run test:faults`: with arguments (a file, `-t name`) those alone. Takes about a quarter of an hour. */
export async function runFaults(node, args) {
  await bringServices([{ program: 'redis-server', needs: 'redis-server' }]);
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-faults-'));
  const file = join(folder, 'report');
  process.env.HATSTAND_FAULTS = 'whole';
  process.env.HATSTAND_FAULTS_REPORT = file;
  const { passed, failed } = await tally(node, args.length > 0 ? args : ['test/faults', '--no-file-parallelism']);
  console.log(`\n${table(readReport(file))}\n`);
  rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** A scenario that failed has no line. */
function readReport(file) {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

const columns = ['acknowledged', 'lost', 'duplicated', 'stale results refused', 'ran again', 'recovery p50', 'p99'];

function table(reports) {
  const head = ['scenario', ...columns];
  const rows = [...reports.map((report) => [report.scenario, ...cellsOf(report)]), ['**all**', ...cellsOf(sumOf(reports))]];
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellsOf({ acknowledged, lost, duplicated, refused, repeated, recoveries }) {
  const times = recoveries.toSorted((a, b) => a - b);
  const at = (share) => (times.length === 0 ? '–' : seconds(times[Math.ceil(share * times.length) - 1]));
  return [acknowledged, lost, duplicated, refused, repeated, at(0.5), at(0.99)].map((cell) => cell.toLocaleString('en'));
}

const seconds = (millis) => `${(millis / 1_000).toFixed(millis < 1_000 ? 3 : 1)} s`;

function sumOf(reports) {
  const sum = (name) => reports.reduce((all, report) => all + report[name], 0);
  return {
    ...Object.fromEntries(['acknowledged', 'lost', 'duplicated', 'refused', 'repeated'].map((name) => [name, sum(name)])),
    recoveries: [],
  };
}
