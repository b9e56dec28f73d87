// Cron expressions in all time zones beside a walk through time, and beside another library: a table of what was compared.
import { runWhole } from './whole.mjs';

/** `npm run test:cron`: with arguments (a file, `-t name`) those alone. Takes some minutes. */
export const runCron = (node, args) => runWhole(node, 'cron', args, table, []);

function table(reports) {
  const head = ['comparison', 'zones', 'expressions', 'answers', 'of these differ'];
  const rows = reports.map(({ comparison, zones, expressions, answers, differ }) => [
    comparison,
    ...[zones, expressions, answers, differ].map((count) => count.toLocaleString('en')),
  ]);
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
