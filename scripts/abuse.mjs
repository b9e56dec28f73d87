// All attacks at their full length, one after the other, and a table of what they cost others.
import { runWhole } from './whole.mjs';

/** `npm run test:abuse`: with arguments (a file, `-t name`) those alone. Takes about half an hour. */
export const runAbuse = (node, args) => runWhole(node, 'abuse', args, table);

const head = [
  'store',
  'attack',
  'what came',
  'others’ p99 before',
  'waited for a processor, p99',
  'others’ p50',
  'p99',
  'worst',
  'memory',
  'lease',
];
const isFigure = (at) => at >= 3 && at <= 8;

function table(reports) {
  const rows = reports.map(({ store, attack, came, calm, during, grown, lease }) => [
    ...[store, attack, came],
    ...[calm.p99, during.machine, during.p50, during.p99, during.worst].map((millis) => `${millis.toFixed(millis < 10 ? 1 : 0)} ms`),
    `${grown < 0 ? '−' : '+'}${(Math.abs(grown) / 1024 / 1024).toFixed(0)} MiB`,
    lease,
  ]);
  const lines = [head, head.map((_, at) => (isFigure(at) ? '---:' : '---')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
