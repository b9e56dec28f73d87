import { describe, expect, it } from 'vitest';
import { type VerbName, verbs } from '../../verbs.ts';
import { type Driver, type Script, ScriptFault } from '../driver/driver.ts';
import { makeCalls } from './calls.ts';

describe('a batch that fails, also carefully,', () => {
  it('has what may have been done answered as unconfirmed, and all else done alone', async () => {
    const scripts: string[] = [];
    const run: Driver['run'] = (script) => {
      scripts.push(script.name);
      return scripts.length < 3 ? Promise.reject(new ScriptFault('internal', 'broken')) : Promise.resolve(['done', '']);
    };
    const sender = { serverId: 0, node: '-', ahead: 0 };
    const calls = makeCalls({ run }, 'prefix', sender, () => undefined);
    const options = (needsRoom: boolean) => ({ needsRoom, also: ['pushes'] as const });
    const step = (needsRoom: boolean): Promise<unknown> =>
      calls.step(
        'jobs.report',
        options(needsRoom),
        () => '',
        (reply) => reply,
      );
    const [full, plain] = await Promise.allSettled([step(true), step(false)]);
    expect(full).toMatchObject({ status: 'rejected', reason: { code: 'unconfirmed' } });
    expect(plain).toEqual({ status: 'fulfilled', value: 'done' });
    expect(scripts).toHaveLength(3);
  });
});

describe('a batch whose script would be too large', () => {
  it('goes in several, of which none is', async () => {
    const all = (Object.keys(verbs) as readonly VerbName[]).filter((verb) => verbs[verb].rank !== 'looks');
    const also = ['moves', 'pushes', 'owned', 'unique', 'expiries', 'by'] as const;
    const scripts: Script[] = [];
    const run: Driver['run'] = (script) => {
      scripts.push(script);
      return Promise.resolve(script.name.includes(' limits') ? [...all.map(() => 'done'), ''] : 'limited');
    };
    const calls = makeCalls({ run }, 'prefix', { serverId: 0, node: '-', ahead: 0 }, () => undefined);
    const answers = all.map((verb) => calls.step(verb, { also }, () => '', String));
    expect(await Promise.all(answers)).toEqual(all.map(() => 'done'));
    expect(scripts.length).toBeGreaterThan(2);
    expect(scripts.filter((script) => 'isTooLarge' in script && script.isTooLarge)).toEqual([]);
  });
});
