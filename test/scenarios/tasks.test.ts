/** A task of a process with a store of its own, which is killed again and again: any number of deaths ends no task. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { Hatstand, openSqlite } from '../../src/index.ts';
import { deedsIn, overlapsIn, wrongBegins } from '../faults/task-history.ts';
import { until } from '../support/until.ts';

const script = fileURLToPath(new URL('../faults/task-node.ts', import.meta.url));
/** More than a job survives. */
const kills = 7;

it('a task outlives its process, however often that is killed, and goes on from what it kept', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-task-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [data, witness] = [join(folder, 'data'), join(folder, 'witness')];
  writeFileSync(witness, '');
  for (let n = 0; n < kills; n++) {
    const begun = deedsIn(witness).length;
    const node = spawn(process.execPath, [script, data, '', 'node', witness], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(node, 'exit');
    await until('it to work', () =>
      deedsIn(witness)
        .slice(begun)
        .some(({ what, number }) => what === 'kept' && number > 2),
    );
    node.kill('SIGKILL');
    await gone;
  }
  const deeds = deedsIn(witness);
  expect([overlapsIn(deeds), wrongBegins(deeds)]).toEqual([[], []]);
  expect(deeds.filter(({ what }) => what === 'begins')).toHaveLength(kills);
  const hatstand = new Hatstand({ store: await openSqlite({ path: data }), log: null });
  onTestFinished(() => hatstand.stop(0));
  expect(await hatstand.tasks.get('only')).toMatchObject({ status: 'queued', desired: 'enabled', crashes: 0 });
});
