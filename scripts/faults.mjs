// All fault scenarios at their full length, one after the other, and a table of what came of them.
import { runWhole } from './whole.mjs';

/** `npm run test:faults`: with arguments (a file, `-t name`) those alone. Takes about forty minutes. */
export const runFaults = (node, args) => runWhole(node, 'faults', args, table);

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
