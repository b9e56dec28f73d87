/** What TypeScript and Lua both say of the format. */
import { describe, expect, it } from 'vitest';
import { jobStates } from '../../../core/job.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { reportLimits } from '../../../core/report.ts';
import { Linker } from '../frame/linker.ts';
import { longestInside, separator } from './body.ts';
import { idLength } from './ids.ts';
import { resultMarks } from './record.ts';
import { stateDigit } from './states.ts';
import { noWord } from './words.ts';

const linker = new Linker();
const constant = (file: string, name: string): string | undefined => linker.file(`format/${file}`).constants.get(name);

describe('the format in Lua', () => {
  it('has the states as core orders them', () => {
    for (const state of jobStates) expect(constant('states', state.toUpperCase())).toBe(`'${stateDigit(state)}'`);
  });

  it('has the words, marks and bounds of TypeScript', () => {
    expect(constant('words', 'NONE')).toBe(`'${noWord}'`);
    expect(constant('ids', 'ID_LENGTH')).toBe(String(idLength));
    expect(linker.link({ flags: '', ends: ['format/body'], purposes: [] })).toContain(`local longestInside=${longestInside}\n`);
    expect(constant('body', 'SEPARATOR')).toBe(`'\\${separator.charCodeAt(0)}'`);
    expect(constant('attempt', 'HISTORY')).toBe(String(jobLimits.history));
    const kept = ['KEPT_LINES', 'KEPT_CHARACTERS'].map((name) => constant('log', name));
    expect(kept).toEqual([reportLimits.keptLines, reportLimits.keptCharacters].map(String));
    const marks = ['NO_RESULT', 'ONE_TEXT', 'LONG_OUTPUT'].map((name) => constant('result', name));
    expect(marks).toEqual(Object.values(resultMarks).map((mark) => `'${mark}'`));
  });
});
