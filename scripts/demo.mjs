// A thousand real jobs: starts a server and a web app, pushes the jobs, waits for the end of all, tells what happened.
// Exits 0 when everything is as expected. `--stay` leaves both running until Ctrl-C.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from './demo/api.mjs';
import { differences, summarize } from './demo/outcome.mjs';
import { startServer, startWorkerApp } from './demo/programs.mjs';
import { makeProgress } from './demo/progress.mjs';
import { bad, dim, good, print, resultTable, welcome } from './demo/show.mjs';
import { Failure } from './failure.mjs';
import { root } from './paths.mjs';

const { values: options } = parseArgs({ options: { stay: { type: 'boolean', default: false } } });
const lines = readFileSync(join(root, 'examples', 'jobs.ndjson'), 'utf8')
  .trimEnd()
  .split('\n');

const asked = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => asked.abort());

const folder = mkdtempSync(join(tmpdir(), 'hatstand-demo-'));
const programs = [];

try {
  process.exitCode = await demo();
} catch (error) {
  if (asked.signal.aborted) process.exitCode = 130;
  else if (error instanceof Failure) {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  } else throw error;
} finally {
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function demo() {
  const app = await startWorkerApp();
  programs.push(app);
  const server = await startServer(folder, { wellKnownPort: options.stay });
  programs.push(server);
  const api = connect(server.address, asked.signal);
  print(welcome(await api.stats(), server.address, app.address));

  const progress = makeProgress(lines.length);
  const pushed = await api.push(lines, app.address);
  await api.waitForAll((ended) => progress.show(ended));
  progress.end();

  const jobs = await api.list();
  print(resultTable(summarize(jobs, pushed)));
  const wrong = differences(jobs);
  if (wrong.length > 0)
    print(`${bad('Not as expected:')}\n${wrong.slice(0, 10).join('\n')}${wrong.length > 10 ? `\n… and ${wrong.length - 10} more` : ''}\n`);
  else print(`${good('Everything is as expected.')}${options.stay ? '' : dim(`  To look around: npm run demo -- --stay`)}\n`);
  if (options.stay) await stay(server);
  return wrong.length === 0 ? 0 : 1;
}

async function stay(server) {
  print(`Still running: ${server.address}/ui  ${dim('Ctrl-C ends it.')}\n`);
  await new Promise((resolve) => {
    const timer = setInterval(() => undefined, 60_000);
    const done = () => {
      clearInterval(timer);
      resolve();
    };
    if (asked.signal.aborted) done();
    else asked.signal.addEventListener('abort', done);
  });
}
