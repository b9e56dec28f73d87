/** What a program gets that asks for the package by its name: the built library, or a sentence when its Node is too old. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as client from '../../src/client.ts';
import * as distributor from '../../src/distributed-task/distributor.ts';
import * as distributedTask from '../../src/distributed-task/index.ts';
import * as watcher from '../../src/distributed-task/watcher.ts';
import * as worker from '../../src/distributed-task/worker.ts';
import * as library from '../../src/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** For those who have no older Node: makes a process believe that its own is one. */
const pretend = "Object.defineProperty(process.versions, 'node', { value: '20.0.0' });";

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-entry-'));
  writeFileSync(join(folder, 'pretend.cjs'), pretend);
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that stands in the package itself, so that its name leads there. */
function run(node: string, flags: readonly string[], program: string, type: 'module' | 'commonjs'): Promise<Ran> {
  const args = [...flags, `--input-type=${type}`, '--eval', program];
  return new Promise((resolve) =>
    execFile(node, args, { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

const entries: Readonly<Record<string, object>> = {
  hatstand: library,
  'hatstand/client': client,
  'hatstand/distributed-task': distributedTask,
  'hatstand/distributed-task/distributor': distributor,
  'hatstand/distributed-task/watcher': watcher,
  'hatstand/distributed-task/worker': worker,
};
const programs = Object.keys(entries).flatMap((name) => [
  [name, 'module', `import * as all from '${name}'; console.log(JSON.stringify(Object.keys(all).sort()))`] as const,
  [name, 'commonjs', `console.log(JSON.stringify(Object.keys(require('${name}')).sort()))`] as const,
]);

describe.each(programs)('%s as %s', (name, type, program) => {
  it('has all that the sources export', async () => {
    const { stdout, stderr } = await run(process.execPath, [], program, type);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(Object.keys(entries[name] ?? {}).toSorted((a, b) => (a < b ? -1 : 1)));
  });

  const wanted =
    /^.*hatstand needs Node 24 or newer; this is Node (\d+)\.\d+\.\d+\. Install it \(https:\/\/nodejs\.org, or your version manager\), or run: npx -y -p node@24 node \S.*$/m;

  it('says which Node it needs on one that is older, and on one that says it is', async () => {
    for (const [node, flags] of [[process.execPath, ['--require', join(folder, 'pretend.cjs')]], ...(await olderNodes())] as const) {
      const { code, stderr } = await run(node, flags, program, type);
      expect(stderr).toMatch(wanted);
      expect(stderr).not.toMatch(/SyntaxError|ERR_/);
      expect(code).toBe(1);
    }
  });
});

/** The machine's own, if it is one. */
async function olderNodes(): Promise<readonly (readonly [node: string, flags: readonly string[]])[]> {
  const system = '/usr/bin/node';
  const { stdout } = await run(system, [], 'console.log(process.versions.node)', 'commonjs');
  return Number.parseInt(stdout, 10) < 24 ? [[system, []]] : [];
}
