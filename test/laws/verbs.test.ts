/** A verb of a store comes with what tests it: the compiler asks for the verb itself, nothing else asks for these. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type VerbName, verbs } from '../../src/stores/verbs.ts';
import { root, textOf } from './sources.ts';

const folder = 'src/stores/conformance/';
const files = readdirSync(new URL(folder, root));
const textOfAll = (wanted: RegExp): string =>
  files
    .filter((file) => wanted.test(file))
    .map((file) => textOf(`${folder}${file}`))
    .join('\n');

const all = Object.keys(verbs) as readonly VerbName[];
const missing = (text: string, asked: readonly VerbName[]): readonly VerbName[] => asked.filter((verb) => !text.includes(`.${verb}(`));

describe('every verb of a store', () => {
  it('is called by the conformance suite', () => {
    expect(missing(textOfAll(/\.suite\.ts$|^subject\.ts$|^definitions\.ts$/), all)).toEqual([]);
  });

  it('is called in random histories, if it changes anything', () => {
    const changing = all.filter((verb) => verbs[verb].rank !== 'looks');
    expect(missing(textOfAll(/^model\.[^.]+\.ts$/), changing)).toEqual([]);
  });
});
