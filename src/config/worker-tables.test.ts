import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../config.ts';

function load(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const configFile = join(folder, 'hatstand.toml');
  writeFileSync(configFile, text);
  return loadConfig({ env: {}, configFile });
}

it.each([
  ['', { isOff: false, concurrency: null }],
  ['[worker.http]\nconcurrency = 64\n', { isOff: false, concurrency: 64 }],
  ['[worker.http]\noff = true\n', { isOff: true, concurrency: null }],
  ['workers = false\n[worker.http]\nconcurrency = 64\n', { isOff: true, concurrency: 64 }],
  ['only_workers = ["mail"]\n', { isOff: true, concurrency: null }],
  ['only_workers = ["mail", "http"]\n', { isOff: false, concurrency: null }],
])('a server reads %j', (text, http) => {
  expect(load(text)).toMatchObject({ http, otherWorkers: [] });
});

it('tells of workers that a server does not have', () => {
  expect(load('[worker.mail]\nattempts = 4\n[worker.http]\n').otherWorkers).toEqual(['mail']);
});

it.each([
  ['workers = 4\n', 'workers must be true or false'],
  ['only_workers = [4]\n', 'only_workers must be a list'],
  ['worker = 4\n', 'worker must be tables such as [worker.mail]'],
  ['worker.http = 4\n', 'worker.http must be a table'],
  ['[worker.http]\nconcurrency = 0\n', 'concurrency must be a whole number from 1'],
  ['[worker.http]\noff = 1\n', 'off must be true or false'],
  ['[worker.http]\nattempts = 3\n', 'has no key "attempts" in a server'],
])('refuses %j', (text, message) => {
  expect(() => load(text)).toThrow(message);
});
