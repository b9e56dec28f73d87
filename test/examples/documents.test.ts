/** The commands of the documents, run as somebody would type them: against a server, and a web app that does the jobs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../faces/command.ts';
import { root, textOf } from '../laws/sources.ts';
import { collectLines } from '../support/lines.ts';

const documents = [
  'README.md',
  'docs/guide.md',
  'docs/install.md',
  'docs/cluster.md',
  'docs/hq.md',
  'docs/triggers.md',
  'docs/batches.md',
  'docs/tasks.md',
  'docs/events.md',
  'docs/workers-elsewhere.md',
];

/** What these begin is tried elsewhere, or belongs to the machine. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [/^npm (start|run demo|test)\b/, 'test/examples/demo.test.ts; the tests themselves'],
  [/^npm (pack|install)\b/, 'makes and installs a package'],
  [/^node examples\//, 'test/examples/'],
  [/^hatstand serve\b/, 'test/faces/cli.test.ts, test/faces/image.test.ts; its flags are tried below'],
  [/^(node -e|redis-server|redis-cli|export|openssl)\b/, 'programs of others'],
  [/^(mkdir before|cp backup\.db)\b/, 'test/scenarios/restored-backup.test.ts: they want a server that is stopped'],
  [/^hatstand watch orders/, 'test/faces/watch-command.test.ts: it waits for what is told'],
  [/^(docker|systemctl|journalctl|cp deploy)\b/, 'belongs to the machine'],
];

/** Commands whose sample cannot be there: how else they may end. */
const otherEnds: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^hatstand nodes forget /, [5, 6]],
  // No node here serves functions, and a task that was stopped may take a moment to end.
  [/^hatstand tasks (move|collect) /, [6]],
  [/^hatstand doctor/, [0]],
];

interface Command {
  readonly document: string;
  readonly text: string;
}

/** Whole commands: a line that ends with a backslash, or inside quotes, goes on. */
function commandsOf(document: string): readonly Command[] {
  const blocks = [...textOf(document).matchAll(/```(?:sh|bash|shell)\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks.flatMap((block) => {
    const commands: string[] = [];
    let open = '';
    for (const line of block.trimEnd().split('\n')) {
      open = open === '' ? line : `${open}\n${line}`;
      const bare = open.replace(/ #[^'"]*$/gm, '');
      if (open.endsWith('\\') || (bare.match(/'/g)?.length ?? 0) % 2 === 1) continue;
      if (open.trim() !== '' && !open.startsWith('#')) commands.push(open);
      open = '';
    }
    return commands.map((text) => ({ document, text }));
  });
}

const hatstand = (text: string): string => text.replaceAll('npm run -s hatstand --', 'hatstand');
const commands = documents.flatMap(commandsOf).map(({ document, text }) => ({ document, text: hatstand(text) }));
const isLeftOut = ({ text }: Command): boolean => leftOut.some(([pattern]) => pattern.test(text));
const tried = commands.filter((command) => !isLeftOut(command));

let folder = '';
let server: ReturnType<typeof start>;
let address = '';
let app: ChildProcess;
let appAddress = '';
/** Of a job that has ended. */
let sample = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-documents-'));
  mkdirSync(join(folder, 'bin'));
  const main = fileURLToPath(new URL('src/faces/cli/main.ts', root));
  script('hatstand', `exec '${process.execPath}' '${main}' "$@"`);
  script('curl', 'exec /usr/bin/curl -sS --fail-with-body "$@"');
  mkdirSync(join(folder, 'examples'));
  copyFileSync(fileURLToPath(new URL('examples/jobs.ndjson', root)), join(folder, 'examples', 'jobs.ndjson'));
  writeFileSync(join(folder, 'job.json'), '{"url": "http://127.0.0.1:9/"}');
  app = spawn(process.execPath, [fileURLToPath(new URL('examples/workerapp/workerapp.mjs', root)), '--port', '0', '--quiet']);
  if (app.stdout === null) throw new Error('its output is not a pipe');
  const [line] = await once(createInterface({ input: app.stdout }), 'line');
  appAddress = String(line);
  server = start([
    'serve',
    '--addr',
    '127.0.0.1:0',
    '--print-address',
    '--node-name',
    'web-1',
    '--data-dir',
    join(folder, 'hatstand-data'),
  ]);
  const ended = once(server, 'close');
  address = await collectLines([server.stdout, server.stderr], ended).line(/^http:/);
  const { stdout } = await shell(`hatstand push ${appAddress}/ --attempts 1 && hatstand list -q`);
  sample = stdout.split('\n')[0] ?? '';
  await shell(`hatstand wait ${sample}`);
}, 60_000);

afterAll(async () => {
  app.kill('SIGKILL');
  const ended = once(server, 'close');
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

function script(name: string, line: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

function shell(text: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const path = `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`;
  const env = { ...process.env, PATH: path, HATSTAND_ADDRESS: address };
  return promisify(execFile)('/bin/sh', ['-c', text], { cwd: folder, env, timeout: 20_000 });
}

/** The addresses and names of the documents as they are here. */
function here(text: string): string {
  return text
    .replace(/http:\/\/(127\.0\.0\.1:1990\d|old:19900|new:19900)/g, address)
    .replaceAll('http://127.0.0.1:8000', appAddress)
    .replaceAll('121128807380811776', sample)
    .replace(/^(hatstand nodes \w+) one\b/, '$1 web-1');
}

async function endOf(text: string): Promise<{ readonly code: number; readonly told: string }> {
  try {
    const { stdout, stderr } = await shell(text);
    return { code: 0, told: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { readonly code: unknown; readonly stdout: string; readonly stderr: string };
    return { code: Number(code), told: `${stdout}${stderr}` };
  }
}

/** The first program of a document, with the library as the sources have it. */
function programIn(document: string): string {
  const [, text = ''] = /```ts\n([\s\S]*?)```/.exec(textOf(document)) ?? [];
  return text.replace("'hatstand'", JSON.stringify(new URL('src/index.ts', root).href));
}

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('the programs in the documents', () => {
  it('run: the README shows functions as workers', async () => {
    const { stdout } = await shell(`'${process.execPath}' ${fileOf('readme.ts', programIn('README.md'))}`);
    expect(stdout).toContain('Hello Ada');
  });

  it('run: a task goes on when its program is started again', async () => {
    const run = () =>
      shell(`'${process.execPath}' ${fileOf('tasks.ts', programIn('docs/tasks.md').replace("'./data'", "'./data-of-tasks'"))}`);
    for (const _ of ['once', 'again']) expect((await run()).stdout).toBe('count enabled\n');
  });

  it('end as a service should: SIGTERM in a process of one’s own', async () => {
    const [opening = ''] = programIn('README.md').split('await hatstand.start();');
    const server = "const server = (await import('node:http')).createServer().listen(0, '127.0.0.1');";
    const text = `${opening}\n${server}\nawait hatstand.start();\n${programIn('docs/install.md')}\nconsole.log('ready');\n`;
    const child = spawn(process.execPath, [fileOf('stop.ts', text.replace("'./data'", "'./data-to-stop'"))], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    expect(String((await once(child.stdout, 'data'))[0])).toBe('ready\n');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('the documents', () => {
  it('hold commands that are tried, and know of each other one why it is not', () => {
    expect(tried.length).toBeGreaterThan(20);
    const unknown = tried.filter(({ text }) => !/^(curl|hatstand|sqlite3) /.test(text));
    expect(unknown).toEqual([]);
  });

  it('name no registry', () => {
    for (const document of documents) expect(textOf(document)).not.toMatch(/registry\.|npmjs|hub\.docker/);
  });

  it('begin servers with flags that there are', async () => {
    const flags = commands.flatMap(({ text }) =>
      text.startsWith('hatstand serve') ? [...text.replace(/ #.*/, '').matchAll(/ (--?[a-z][a-z-]*)/g)] : [],
    );
    const { stdout } = await shell('hatstand serve --help');
    expect(flags.length).toBeGreaterThan(3);
    for (const [, flag = ''] of flags) expect(stdout).toContain(`${flag} `);
  });

  it.each(tried)('$document: $text', async ({ text }) => {
    if (text.startsWith('sqlite3') && !existsSync('/usr/bin/sqlite3')) return;
    const { code, told } = await endOf(here(text));
    const others = otherEnds.find(([pattern]) => pattern.test(text))?.[1] ?? [];
    expect([0, ...others], told).toContain(code);
  });

  it('lead through the first screen of the README to a job that has succeeded', async () => {
    const first = commandsOf('README.md')
      .slice(0, 5)
      .map(({ text }) => here(hatstand(text)));
    expect(first.slice(0, 2)).toEqual(['npm start', 'node examples/workerapp/workerapp.mjs']);
    const pushed = JSON.parse((await shell(first[2] ?? '')).stdout);
    await shell(`hatstand wait ${pushed.id}`);
    expect(JSON.parse((await shell(first[3] ?? '')).stdout).jobs[0]).toMatchObject({ id: pushed.id, state: 'succeeded', statusCode: 200 });
    expect((await shell(first[4] ?? '')).stdout).toMatch(/welcome .*succeeded/);
  });
});
