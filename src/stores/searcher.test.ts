import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { jobStates } from '../core/job.ts';
import type { PatternMatch } from '../ports/store/jobs.ts';
import { hostileJobs, slowPattern } from './conformance/hostile.ts';
import type { Looked } from './match.ts';
import { makeSearcher, type Search, type Searcher } from './searcher.ts';

const stateWords = Object.fromEntries(jobStates.map((state) => [state, state])) as PatternMatch['stateWords'];
const termed = (term: string): PatternMatch => ({ name: null, term, stateWords });
const job = (name: string, comment = ''): Looked => ({ state: 'queued', name, comment, url: '' });

/** On this job it takes many seconds. */
const endless = Array.from({ length: 3 }, (_, i) => `(?:(?:[ab]{0,9}){0,9}){0,9}a.{${990 - i}}c?$`).join('|');
const long = job('', hostileJobs(100).at(-1)?.comment);

function open(): { readonly searcher: Searcher; begin(term: string, signal?: AbortSignal): Promise<Search> } {
  const searcher = makeSearcher();
  onTestFinished(() => searcher.close());
  return { searcher, begin: (term, signal) => searcher.begin(termed(term), signal) };
}

it('looks at name, comment, url and the word of the state, until enough match', async () => {
  const { begin } = open();
  const jobs = [job('mail 1'), job('x', 'mail 2'), { ...job('y'), url: 'mail 3' }, job('z')];
  expect(await (await begin('mail \\d')).look(jobs, 9)).toEqual([true, true, true, false]);
  expect(await (await begin('^que.ed$')).look(jobs, 9)).toEqual([true, true, true, true]);
  expect(await (await begin('mail')).look(jobs, 9)).toEqual([true, true, true, false]);
  const many = Array.from({ length: 2_000 }, () => job('mail 1'));
  expect((await (await begin('mail \\d')).look(many, 1)).length).toBeLessThan(2_000);
});

it('refuses what takes too long for one job, and answers those who wait', async () => {
  const { begin } = open();
  const hostile = await Promise.all([begin(endless), begin(`${endless}|c`)]);
  const refused = hostile.map((search) => expect(search.look([long], 9)).rejects.toMatchObject({ code: 'invalid_filter' }));
  const simple = await begin('m.il');
  expect(await simple.look([job('mail'), job('')], 9)).toEqual([true, false]);
  await Promise.all(refused);
  expect(await simple.look([job('mail')], 9)).toEqual([true]);
});

it('gives turns: who took least is next', async () => {
  const { begin } = open();
  const names = hostileJobs(99).map(({ name }) => job(name));
  const simple = await begin('m.il');
  let slowEnded = 0;
  const slow = await Promise.all(Array.from({ length: 5 }, (_, at) => begin(`${slowPattern}|z{${at}}w`)));
  const all = Promise.all(slow.map((search) => search.look(names, 999).finally(() => (slowEnded += 1))));
  for (let turn = 0; turn < 3; turn++) expect(await simple.look([job('mail')], 9)).toEqual([true]);
  expect(slowEnded).toBe(0);
  await all;
});

it('leaves with its signal while it waits, and when it is closed', async () => {
  const { begin, searcher } = open();
  const busy = await begin(endless);
  const closed = expect(busy.look([long], 9)).rejects.toMatchObject({ code: 'store_unavailable' });
  const leaving = new AbortController();
  const waiting = expect(begin('w.it', leaving.signal)).rejects.toThrow('gone');
  leaving.abort(new Error('gone'));
  await waiting;
  await expect(begin('w.it', leaving.signal)).rejects.toThrow('gone');
  await searcher.close();
  await closed;
  await expect(begin('n.w')).rejects.toMatchObject({ code: 'store_unavailable' });
});

it('keeps no process from ending', async () => {
  const searcher = JSON.stringify(new URL('searcher.ts', import.meta.url).href);
  const program = `
    const { makeSearcher } = await import(${searcher});
    const search = await makeSearcher().begin({ name: 'a.b', term: null, stateWords: {} });
    console.log(await search.look([{ state: 'queued', name: 'a-b', comment: '', url: '' }], 1));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(stdout).toBe('[ true ]\n');
});
