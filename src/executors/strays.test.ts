/** In processes of their own: whoever listens for rejections of a process hears those of all its tests. */
import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

const module = new URL('../index.ts', import.meta.url).pathname;

const program = (body: string): string => `
  import { defineWorker, Hatstand, openMemory } from ${JSON.stringify(module)};
  const log = { debug() {}, info() {}, error() {}, warn: (name, fields) => console.log(name, JSON.stringify(fields)) };
  const hatstand = new Hatstand({ store: openMemory(), log });
  const leave = async () => { await null; throw new Error('left alone'); };
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  hatstand.worker('plain', () => { Promise.reject(new Error('at once')); setTimeout(leave, 1); return 'done'; });
  hatstand.worker(defineWorker({ name: 'defined', run() { leave(); return 'done'; }, commit() { leave(); } }));
  await hatstand.start();
  for (const worker of ['plain', 'defined']) console.log((await hatstand.wait(await hatstand.push(worker))).state);
  await turn();
  ${body}
`;

const run = (body: string): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', program(body)];
    execFile(process.execPath, args, (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }));
  });

it('what a function leaves alone is told to the log, and ends no process', async () => {
  const { code, stdout } = await run('await hatstand.stop();');
  const lines = stdout.split('\n');
  expect(code).toBe(0);
  expect(lines.filter((line) => line === 'succeeded')).toHaveLength(2);
  const left = lines.filter((line) => line.startsWith('worker.left_rejection'));
  expect(left.filter((line) => line.includes('"plain"'))).toHaveLength(2);
  expect(left.filter((line) => line.includes('"defined"') && line.includes('"job":'))).toHaveLength(2);
});

it('is told once, with its owner, also where a process has this module twice', async () => {
  const { code, stdout } = await run(`
    const copy = ${JSON.stringify(new URL('./strays.ts', import.meta.url).href)};
    const [a, b] = [await import(copy + '?a'), await import(copy + '?b')];
    const [endA, endB] = [a.hearStrays(), b.hearStrays()];
    await hatstand.stop();
    const count = () => process.listenerCount('unhandledRejection');
    console.log('listening', count());
    endA();
    new b.Scope(log, { copy: 'b' }).run(leave);
    await turn();
    endB();
    console.log('at the end', count());`);
  expect(code).toBe(0);
  expect(stdout.split('\n').filter((line) => line.includes('{"copy":"b"'))).toHaveLength(1);
  expect(stdout).toContain('listening 1\n');
  expect(stdout).toContain('at the end 0\n');
});

it('what belongs to nobody ends the process as without us, unless somebody else listens', async () => {
  const alone = await run("Promise.reject(new Error('nobody')); await turn(); console.log('lived');");
  expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining('Error: nobody') });
  expect(alone.stdout).not.toContain('lived');
  const heard = await run(
    "process.on('unhandledRejection', () => console.log('heard')); Promise.reject(1); await turn(); console.log('lived'); await hatstand.stop();",
  );
  expect(heard).toMatchObject({ code: 0, stdout: expect.stringContaining('heard\nlived') });
  const stopped = await run("await hatstand.stop(); console.log(process.listenerCount('unhandledRejection'));");
  expect(stopped.stdout.trim().endsWith('\n0')).toBe(true);
});
