import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const jobs = readFileSync(new URL('../../examples/jobs.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

describe('demo', () => {
  it('pushes a thousand jobs and finds each one ended as it should', { timeout: 120_000 }, async () => {
    const demo = await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'demo'], { cwd: root });
    expect(demo.stdout).toContain('Everything is as expected.');
    expect(demo.stdout).toMatch(/succeeded +970 +970\n +failed on purpose +30 +30\n +tried more than once +70 +70\n/);
  });

  it('has a thousand jobs of one line each, with numbers that JavaScript would round', () => {
    expect(jobs).toHaveLength(1_000);
    expect(jobs.filter((line) => JSON.stringify(JSON.parse(line)) !== line).length).toBeGreaterThan(500);
  });
});
