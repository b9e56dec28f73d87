import { describe, expect, it } from 'vitest';
import { type VerbName, verbs } from '../../verbs.ts';
import { type BatchStep, type Extra, lookScript, stepScript } from './scripts.ts';

const step = (verb: VerbName, also: readonly Extra[] = []): BatchStep => ({ verb, usual: false, needsRoom: verbs[verb].needsRoom, also });
const usual = (verb: VerbName, also: readonly Extra[] = []): BatchStep => ({ verb, usual: true, needsRoom: verbs[verb].needsRoom, also });
const repeated = (each: BatchStep, times: number): readonly BatchStep[] => Array.from({ length: times }, () => each);

/** Names that stand before the blocks of their files: Lua allows 200 in a script. */
const givenIn = (source: string): number =>
  [...source.matchAll(/^local ([\w, ]+)\ndo$/gm)].reduce((sum, [, names = '']) => sum + names.split(', ').length, 0);

describe('scripts', () => {
  it.each<[string, readonly BatchStep[]]>([
    ['a push', [usual('jobs.push')]],
    ['a push and a claim', [usual('jobs.push'), usual('jobs.claim')]],
    ['a settle and a claim', [usual('jobs.settle'), usual('jobs.claim')]],
    ['a settle, a push and a claim', [usual('jobs.settle'), usual('jobs.push'), usual('jobs.claim')]],
    ['a retry', [usual('jobs.settle', ['moves'])]],
    ['many settles', repeated(step('jobs.settle'), 50)],
    ['many pushes', repeated(step('jobs.push'), 250)],
    ['many of each', [...repeated(step('jobs.settle'), 50), ...repeated(step('jobs.push'), 50), step('jobs.claim'), step('jobs.claim')]],
    ['a renewal', [step('nodes.renew')]],
    ['a retry and a renewal', [step('jobs.settle', ['moves']), step('nodes.renew')]],
  ])('of %s are small, and far from the bounds of Lua', (_, batch) => {
    const { source } = stepScript(batch);
    expect(source.length).toBeLessThan(50_000);
    expect(givenIn(source)).toBeLessThan(120);
  });

  it('say so when Redis would refuse them, which those of common batches are far from', () => {
    const all = (Object.keys(verbs) as VerbName[]).filter((verb) => verbs[verb].rank !== 'looks');
    const common: readonly VerbName[] = [
      'jobs.push',
      'jobs.claim',
      'jobs.settle',
      'jobs.report',
      'nodes.renew',
      'definitions.fire',
      'journal.publish',
    ];
    const also: readonly Extra[] = ['moves', 'pushes', 'owned', 'unique', 'expiries', 'limits'];
    const isTooLarge = (of: readonly VerbName[]): boolean => stepScript(of.map((verb) => step(verb, also))).isTooLarge;
    expect([isTooLarge(all), isTooLarge(common)]).toEqual([true, false]);
    expect(all.filter((verb) => isTooLarge([verb]))).toEqual([]);
  });

  it('have what their batch needs and nothing else', () => {
    const has = (batch: readonly BatchStep[]): readonly string[] =>
      ["verbs['jobs.settle']=", "verbs['jobs.push']=", "verbs['nodes.renew']=", 'applyMove(', 'pushJobs(', 'plainParts('].filter((text) =>
        stepScript(batch).source.includes(text),
      );
    expect(has([step('jobs.settle')])).toEqual(["verbs['jobs.settle']="]);
    expect(has([usual('jobs.settle')])).toEqual(["verbs['jobs.settle']=", 'plainParts(']);
    expect(has([step('jobs.settle', ['moves'])])).toEqual(["verbs['jobs.settle']=", 'applyMove(']);
    expect(has([step('jobs.settle'), step('jobs.settle', ['moves']), step('jobs.report', ['pushes'])])).toEqual([
      "verbs['jobs.settle']=",
      "verbs['jobs.push']=",
      'applyMove(',
      'pushJobs(',
    ]);
    expect(has([step('nodes.renew')])).toEqual(["verbs['nodes.renew']="]);
  });

  it('are the same for the same verbs, in whatever order and however often', () => {
    const [settle, push] = [step('jobs.settle'), step('jobs.push')];
    expect(stepScript([push, settle, push])).toBe(stepScript([settle, push]));
    expect(lookScript([{ verb: 'jobs.get' }, { verb: 'jobs.get' }])).toBe(lookScript([{ verb: 'jobs.get' }]));
  });

  it('are the same for the same extras, in whatever order these come', () => {
    const one = stepScript([step('jobs.push', ['owned', 'unique']), step('jobs.claim', ['expiries'])]);
    expect(stepScript([step('jobs.push', ['expiries', 'unique']), step('jobs.claim'), step('jobs.push', ['owned'])])).toBe(one);
  });

  it('are done without room unless they need it', () => {
    expect(stepScript([step('jobs.settle')]).source).toContain('flags=allow-oom\n');
    expect(stepScript([step('jobs.settle'), step('jobs.push')]).source).not.toContain('flags=');
    expect(lookScript([{ verb: 'jobs.get' }])).toMatchObject({ writes: false });
  });

  it('are few, however many sets of verbs come', () => {
    const all = (Object.keys(verbs) as readonly VerbName[]).filter((verb) => verbs[verb].rank !== 'looks');
    const sets = Array.from({ length: 2 ** 10 }, (_, set) => all.filter((_, at) => (set + 1) & (1 << at)));
    const scripts = new Set(sets.map((set) => stepScript(set.map((verb) => step(verb)))));
    expect(scripts.size).toBeLessThan(160);
    for (const { source } of scripts) expect(givenIn(source)).toBeLessThan(160);
  });
});
