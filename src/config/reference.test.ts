import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { fileName, keyNames } from './keys.ts';
import { configReference } from './reference.ts';

const file = new URL('../../docs/reference/config.md', import.meta.url);

describe('the reference of the configuration', () => {
  it('is what docs/reference/config.md holds', () => {
    if (process.env['UPDATE_DOCS'] === '1') {
      mkdirSync(new URL('.', file), { recursive: true });
      writeFileSync(file, configReference());
    }
    expect(readFileSync(file, 'utf8')).toBe(configReference());
  });

  it('names every key', () => {
    for (const name of keyNames) expect(configReference()).toContain(`| \`${fileName(name)}\` |`);
  });

  it('shows a file that changes nothing', () => {
    const sample = /```toml\n([^`]+)```/.exec(configReference())?.[1] ?? '';
    const given = parse(sample);
    const flags = Object.fromEntries(keyNames.map((name) => [name, given[fileName(name)]]));
    expect(Object.keys(given).length).toBeGreaterThan(15);
    expect(loadConfig({ env: {}, systemFile: '', flags })).toEqual(loadConfig({ env: {}, systemFile: '' }));
  });
});
