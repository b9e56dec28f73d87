import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verbs } from '../../verbs.ts';
import { Linker } from './linker.ts';

/** A linker of these files; the first line of each is its name. */
function linkerOf(...texts: readonly string[]): Linker {
  const files = new Map(texts.map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]));
  return new Linker((name) => files.get(name) ?? null, [...new Set([...files.keys()].map((name) => name.split('/')[0] ?? ''))]);
}

const linked = (linker: Linker, ends: readonly string[], purposes: readonly string[] = []): string =>
  linker.link({ flags: 'allow-oom', ends, purposes });

describe('the linker', () => {
  it('puts each file once behind all that it needs, in a block behind the names that it gives', () => {
    const linker = linkerOf(
      'a/low\n-- gives: low, high\nlow, high = 1, 2',
      'a/middle\n-- needs: low from a/low\n-- gives: middle\n\n-- What it does.\nfunction middle()\n  return low\nend',
      'a/unneeded\n-- gives: never\nnever = 1',
      'a/end\n-- needs: high from a/low\n-- needs: middle from a/middle\nreturn middle() + high',
    );
    expect(linked(linker, ['a/end'])).toBe(
      [
        ...['#!lua flags=allow-oom', 'local prefix = KEYS[1]'],
        ...['local low,high', 'do', 'low,high=1,2', 'end'],
        ...['local middle', 'do', 'function middle()', 'return low', 'end', 'end'],
        ...['do', 'return middle()+ high', 'end'],
      ].join('\n'),
    );
  });

  it('keeps a name that nobody else needs within its block', () => {
    const linker = linkerOf('a/some\n-- gives: some, other\nsome, other = 1, 2', 'a/a\n-- needs: some from a/some\nreturn some');
    expect(linked(linker, ['a/a']).split('\n').slice(2, 6)).toEqual(['local some', 'do', 'local other', 'some,other=1,2']);
  });

  it('writes constants wherever their names stand', () => {
    const linker = linkerOf(
      "a/some\n-- gives: ONE, TEXT, f\nONE = 1\nTEXT = 'it\\'s ONE'\nfunction f()\nreturn ONE\nend",
      "a/a\n-- needs: ONE, TEXT, f from a/some\nreturn f() + ONE .. TEXT .. 'ONE'",
    );
    expect(linked(linker, ['a/a']).split('\n').slice(2)).toEqual([
      ...['local f', 'do', 'function f()', 'return 1', 'end', 'end'],
      ...['do', "return f()+ 1 .. 'it\\'s ONE' .. 'ONE'", 'end'],
    ]);
  });

  it('leaves out files of which only constants are needed', () => {
    const linker = linkerOf('a/some\n-- gives: ONE, f\nONE = 1\nfunction f()\nend', 'a/a\n-- needs: ONE from a/some\nreturn ONE');
    expect(linked(linker, ['a/a']).split('\n').slice(2)).toEqual(['do', 'return 1', 'end']);
  });

  it('leaves blanks out that Lua does not need, and none that stand in quotes', () => {
    expect(linked(linkerOf(`a/a\nlocal a, b = { 'x = ( y )', "it, is" }, f(c) or -1`), ['a/a'])).toContain(
      `local a,b={'x = ( y )',"it, is"},f(c)or -1`,
    );
  });

  it('spells keys out', () => {
    expect(linked(linkerOf("a/a\nredis.call('HGET', key.lane .. lane, key.meta)"), ['a/a'])).toContain(
      "redis.call('HGET',prefix .. 'lane:' .. lane,prefix .. 'meta')",
    );
  });

  it('leaves out what is for other purposes, and what is needed only for them', () => {
    const linker = linkerOf(
      'a/some\n-- gives: some\nsome = 1',
      'a/a\n-- needs: some from a/some only: one\nfirst()\n-- only: one\nsome()\n-- only: other\nother()\n-- always\nlast()',
    );
    expect(linked(linker, ['a/a']).split('\n').slice(2)).toEqual(['do', 'first()', 'last()', 'end']);
    const lines = ['local some', 'do', 'some=1', 'end', 'do', 'first()', 'some()', 'last()', 'end'];
    expect(linked(linker, ['a/a'], ['one']).split('\n').slice(2)).toEqual(lines);
  });

  it('finds the part of every noun that has one', () => {
    const linker = linkerOf(
      'frame/table\n-- shares: found\nfound = {}',
      'b/part\n-- needs: found from frame/table\nfound.b = 1',
      'c/other\n',
      'd/part\n-- needs: found from frame/table\nfound.d = 1',
      'd/end\n-- parts: part\n-- needs: found from frame/table\nreturn found',
    );
    expect(linker.files({ ends: ['d/end'], purposes: [] }).map(({ name }) => name)).toEqual(['frame/table', 'b/part', 'd/part', 'd/end']);
  });

  it.each([
    ['a file that is not there', ['a/a\n-- needs: x from a/b\nx()'], 'There is no file a/b.lua.'],
    [
      'a name that nobody gives',
      ['a/b\n-- gives: y\ny = 1', 'a/a\n-- needs: x from a/b\nx()'],
      'a/a.lua needs x from a/b.lua, which does not give it.',
    ],
    [
      'a name that is not used',
      ['a/b\n-- gives: x\nx = 1', 'a/a\n-- needs: x from a/b\ncall(a.x, "x") -- not x'.replace('"x"', "'x'").replace(' -- not x', '')],
      'a/a.lua needs x, which is not in its code.',
    ],
    ['a name that is given and is not there', ['a/a\n-- gives: x\ny = 1'], 'a/a.lua gives x, which is not in its code.'],
    ['a name in capitals that is no constant', ['a/a\n-- gives: X\nX = y'], 'a/a.lua gives X, which is in capitals and no constant.'],
    ['a name that is said twice', ['a/b\n-- gives: x\nx = 1', 'a/a\n-- needs: x from a/b\n-- gives: x\nx()'], 'a/a.lua names x twice.'],
    ['what cannot be read', ['a/a\n-- needs: x\nx()'], 'a/a.lua must say "needs: <names> from <file>", not "needs: x".'],
    ['a key that is not there', ['a/a\ncall(key.nothing)'], 'There is no key nothing (format/keys.ts).'],
    [
      'files that need one another',
      ['a/a\n-- needs: y from a/b\n-- gives: x\nx = y', 'a/b\n-- needs: x from a/a\n-- gives: y\ny = x'],
      'a/a needs a/b needs a/a: none can be the first.',
    ],
  ])('refuses %s', (_, texts, message) => {
    expect(() => linked(linkerOf(...texts), ['a/a'])).toThrow(message);
  });
});

describe('the Lua files', () => {
  const root = new URL('../', import.meta.url);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.lua'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.lua'.length));
  const linker = new Linker();
  const files = names.map((name) => linker.file(name));
  const folderOf = (name: string): string => (name.includes('/') ? name.slice(0, name.indexOf('/')) : '');

  /** Which folders' files those of a folder may need; each may need its own. */
  const arrows: Readonly<Record<string, readonly string[]>> = {
    format: [],
    frame: ['format'],
    journal: ['format', 'frame', 'jobs', 'definitions', 'queues'],
    queues: ['format', 'frame'],
    limits: ['format', 'frame', 'queues', 'jobs'],
    jobs: ['format', 'frame', 'journal', 'queues', 'limits', 'nodes', 'definitions'],
    nodes: ['format', 'frame', 'jobs'],
    definitions: ['format', 'frame', 'journal', 'jobs', 'queues', 'limits'],
    upkeep: ['format', 'frame', 'journal', 'jobs', 'definitions', 'queues', 'limits', 'nodes'],
    '': ['frame'],
  };

  it('can all be linked, with what they need', () => {
    expect(names.length).toBeGreaterThan(50);
    const purposes = [...new Set(files.flatMap(({ needs, code }) => [...needs, ...code].flatMap(({ only }) => only ?? [])))];
    for (const name of names) expect(() => linker.files({ ends: [name], purposes })).not.toThrow();
  });

  it('have one for each verb of the port', () => {
    for (const verb of Object.keys(verbs)) {
      const lines = linker.file(verb.replace('.', '/')).code.flatMap((piece) => piece.lines);
      expect(lines.join('\n'), verb).toContain(`verbs['${verb}'] = `);
    }
  });

  it('need only what their folder may', () => {
    const breaches = files.flatMap(({ name, needs }) =>
      needs
        .map(({ from }) => folderOf(from))
        .filter((folder) => folder !== folderOf(name) && arrows[folderOf(name)]?.includes(folder) !== true)
        .map((folder) => `${name} needs ${folder}`),
    );
    expect(breaches).toEqual([]);
  });

  it('give each name once, and none in vain', () => {
    const given = files.flatMap(({ gives }) => gives);
    expect(given.filter((name, at) => given.indexOf(name) !== at)).toEqual([]);
    const needed = new Set(files.flatMap(({ needs }) => needs.map(({ name }) => name)));
    expect(given.filter((name) => !needed.has(name))).toEqual([]);
  });

  it('stay below the 60 names of others that a function may use', () => {
    const locals = (name: string): number => readFileSync(new URL(`${name}.lua`, root), 'utf8').match(/^local /gm)?.length ?? 0;
    // The short way is no function.
    for (const { name, needs, gives } of files.filter((file) => file.name !== 'jobs/short')) {
      expect(needs.length + gives.length + locals(name), name).toBeLessThan(50);
    }
  });
});
