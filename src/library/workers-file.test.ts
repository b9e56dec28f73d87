import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Hatstand } from '../hatstand.ts';
import { openMemory } from '../stores/memory/index.ts';
import type { HatstandOptions } from './options.ts';
import { refusal } from './refusal.suite.ts';

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-workers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hatstand.toml');
  writeFileSync(path, text);
  return path;
}

async function started(text: string, options: Partial<HatstandOptions> = {}): Promise<Hatstand> {
  const hatstand = new Hatstand({ store: openMemory(), log: null, configFile: file(text), ...options });
  onTestFinished(() => hatstand.stop(0));
  for (const name of ['mail', 'report', 'slow']) hatstand.worker(name, { attempts: 5, concurrency: 3 }, () => undefined);
  await hatstand.start();
  return hatstand;
}

const states = (hatstand: Hatstand) => hatstand.workers().map(({ name, state, concurrency }) => [name, state, concurrency]);

it('says which workers run, and how: off, concurrency and limits', async () => {
  const text =
    'addr = ":19900"\n[worker.mail]\nconcurrency = 7\nattempts = 2\nmax_backoff = "1m"\n[worker.slow]\noff = true\n[worker.gone]\n';
  const hatstand = await started(text);
  expect(states(hatstand)).toEqual([
    ['mail', 'active', 7],
    ['report', 'active', 3],
    ['slow', 'off', 3],
    ['gone', 'missing', 0],
  ]);
  expect(await hatstand.push('mail')).toMatchObject({ attempts: 2 });
  expect(await hatstand.push('report')).toMatchObject({ attempts: 5 });
});

it('has a list of those that run alone, and may let none run', async () => {
  const running = (hatstand: Hatstand) => hatstand.workers().map(({ name, state }) => `${name} ${state}`);
  expect(running(await started('only_workers = ["report"]\n'))).toEqual(['mail off', 'report active', 'slow off']);
  expect(running(await started('workers = false\n'))).toEqual(['mail off', 'report off', 'slow off']);
});

it('gives way to what the options say, worker by worker', async () => {
  const hatstand = await started('[worker.mail]\noff = true\n[worker.slow]\noff = true\n', { workers: { mail: { concurrency: 4 } } });
  expect(states(hatstand)).toEqual([
    ['mail', 'active', 4],
    ['report', 'active', 3],
    ['slow', 'off', 3],
  ]);
});

it.each([
  ['[worker.mail]\nconcurency = 4\n', 'has no key "concurency"; did you mean concurrency?'],
  ['[worker.mail]\nconcurrency = 0\n', 'concurrency of [worker.mail]'],
  ['[worker.mail]\ntimeout = "soon"\n', 'timeout of [worker.mail]'],
  ['worker.mail = 4\n', 'worker.mail must be a table'],
  ['workers = 4\n', 'workers must be true or false'],
  ['only_workers = "mail"\n', 'only_workers must be a list'],
  ['wokers = false\n', 'there is no key "wokers"; did you mean workers?'],
  ['[worker', 'line 1'],
])('refuses %j', async (text, message) => {
  const refused = await refusal(() => new Hatstand({ store: openMemory(), configFile: file(text) }));
  expect(refused).toMatchObject({ code: 'invalid_config', message: expect.stringContaining(message) });
});

it('refuses a file that is not there', async () => {
  const refused = await refusal(() => new Hatstand({ store: openMemory(), configFile: '/nowhere/hatstand.toml' }));
  expect(refused).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('cannot be read') });
});
