/**
 * How long the compiler takes for a program that declares 1,000 workers, each with messages and results of its own, and pushes to
 * all of them, more than for one that only imports the library. It reads what users' compilers read: the declarations in dist/.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchFolder } from './support/folder.ts';
import type { Measured, Report } from './support/report.ts';

const workers = 1_000;
/** Milliseconds more. */
const most = 1_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const compile = join(root, 'bench/support/compile.ts');

const empty = "import { Hatstand } from 'hatstand';\nexport const hatstand: Hatstand | null = null;\n";

/** Every message has members that no other one has, so that nothing is remembered from one worker to the next. */
const declared = (n: number): string => `
declare const input${n}: StandardSchema<{ id${n}: string; n?: number }, { id${n}: string; n: number }>;
const worker${n} = defineWorker({ name: 'worker-${n}', input: input${n}, attempts: 3, run: ({ message }) => ({ sum${n}: message.n + 1 }) });
export const pushed${n} = () => hatstand.push(worker${n}, { id${n}: 'x' });
`;

/** As people write them: some of them in a module. A module of thousands of lines takes the compiler longer, whatever is in it. */
const inModule = 20;
const moduleOf = (at: number): string =>
  [
    "import { defineWorker, type Hatstand, type StandardSchema } from 'hatstand';\ndeclare const hatstand: Hatstand;\n",
    ...Array.from({ length: inModule }, (_, n) => declared(at * inModule + n)),
  ].join('');

export async function types(report: Report, rounds: number): Promise<void> {
  const folder = benchFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'hatstand'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const [small, large] = [join(folder, 'empty.ts'), join(folder, 'workers.ts')];
  writeFileSync(small, empty);
  const names = Array.from({ length: workers / inModule }, (_, at) => `workers-${at}`);
  names.forEach((name, at) => void writeFileSync(join(folder, `${name}.ts`), moduleOf(at)));
  writeFileSync(large, names.map((name) => `export * from './${name}.js';\n`).join(''));
  const more: Measured[] = [];
  const moreCpu: Measured[] = [];
  const alone: Measured[] = [];
  const measured = (value: number): Measured => ({ value, cpuMicrosPerJob: null });
  for (let round = 0; round < rounds; round++) {
    const begun = compiled(small, folder, usualFlags).millis;
    more.push(measured(compiled(large, folder, usualFlags).millis - begun));
    moreCpu.push(measured(compiled(large, folder, cpuFlags).cpu - compiled(small, folder, cpuFlags).cpu));
    alone.push(measured(begun));
  }
  const figure = { better: 'lower', peer: null, theirs: null, unit: 'ms' } as const;
  const what = `${workers.toLocaleString('en')} workers more`;
  report.add({ what: 'a program that imports the library', ...figure, target: null, ours: alone });
  report.add({ what, ...figure, target: most, ours: more });
  report.add({ what, ...figure, unit: 'ms of CPU', target: null, ours: moreCpu });
}

/** As users run it. */
const usualFlags: readonly string[] = [];
/** Without helpers, whose work would count as often as there are processors, and without many small collections. */
const cpuFlags = ['--single-threaded', '--max-semi-space-size=64'];

/** Throws when it does not compile. */
function compiled(file: string, cwd: string, flags: readonly string[]): { readonly millis: number; readonly cpu: number } {
  const told = execFileSync(process.execPath, [...flags, compile, file], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(told.toString()) as { readonly millis: number; readonly cpu: number };
}
