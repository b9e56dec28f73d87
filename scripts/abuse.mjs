// All attacks at their full length, one after the other, and a table of what they cost others.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringServices } from './services.mjs';
import { tally } from './tests.mjs';

/** `npm run test:abuse`: with arguments (a file, `-t name`) those alone. Takes some minutes. */
export async function runAbuse(node, args) {
  await bringServices([{ program: 'redis-server', needs: 'redis-server' }]);
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-abuse-report-'));
  const file = join(folder, 'report');
  process.env.HATSTAND_ABUSE = 'whole';
  process.env.HATSTAND_ABUSE_REPORT = file;
  const { passed, failed } = await tally(node, args.length > 0 ? args : ['test/abuse', '--no-file-parallelism']);
  console.log(`\n${table(readReport(file))}\n`);
  rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** An attack that broke off has no line. */
function readReport(file) {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

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
