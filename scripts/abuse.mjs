// All attacks at their full length, one after the other, and a table of what they cost others.
import { runWhole } from './whole.mjs';

/** `npm run test:abuse`: with arguments (a file, `-t name`) those alone. Takes some minutes. */
export const runAbuse = (node, args) => runWhole(node, 'abuse', args, table);

function table(reports) {
  const head = ['attack', 'others before, p50', 'p99', 'others during, p50', 'p99', 'worst', 'memory grew by'];
  const rows = reports.map(({ scenario, calm, during }) => [
    scenario,
    ...[calm.p50, calm.p99, during.p50, during.p99, during.worst].map((millis) => `${millis.toFixed(1)} ms`),
    `${Math.max(0, (during.memory.most - calm.memory.most) / 1024 / 1024).toFixed(0)} MiB`,
  ]);
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
