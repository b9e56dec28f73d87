// A folder of tests at their full length, one file after the other, and a table of what they reported.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringServices } from './services.mjs';
import { tally } from './tests.mjs';

/**
 * @param name of the folder below test/, and in HATSTAND_<NAME> and HATSTAND_<NAME>_REPORT, which the tests read
 * @param args a file or `-t name`, for those alone
 * @param table makes the table of what was reported
 * @param services programs that the tests need
 */
export async function runWhole(node, name, args, table, services = [{ program: 'redis-server', needs: 'redis-server' }]) {
  await bringServices(services);
  const folder = mkdtempSync(join(tmpdir(), `hatstand-${name}-report-`));
  const file = join(folder, 'report');
  process.env[`HATSTAND_${name.toUpperCase()}`] = 'whole';
  process.env[`HATSTAND_${name.toUpperCase()}_REPORT`] = file;
  const { passed, failed } = await tally(node, args.length > 0 ? args : [`test/${name}`, '--no-file-parallelism']);
  console.log(`\n${table(readReport(file))}\n`);
  rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** What broke off has no line. */
function readReport(file) {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
