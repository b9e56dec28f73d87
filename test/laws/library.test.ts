/**
 * docs/library.md has each option of the library as the code has it: names, kinds and defaults from the tables that check them,
 * the meaning from the interfaces that editors show. `UPDATE_DOCS=1 npm test -- test/laws` writes them anew.
 */
import { writeFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { onOptions } from '../../src/library/events.ts';
import { listOptions } from '../../src/library/list.ts';
import { listenOptions } from '../../src/library/listen.ts';
import type { Option } from '../../src/library/option.ts';
import { hatstandOptions, pushOptions, workerOptions } from '../../src/library/options.ts';
import { limitOptions } from '../../src/library/queues.ts';
import { memoryOptions, redisOptions, sqliteOptions } from '../../src/library/stores.ts';
import { filesUnder, isTest, parse, root, textOf } from './sources.ts';

const file = 'docs/library.md';
const tables: Readonly<Record<string, Readonly<Record<string, Option<unknown>>>>> = {
  HatstandOptions: hatstandOptions,
  SqliteOptions: sqliteOptions,
  RedisOptions: redisOptions,
  MemoryOptions: memoryOptions,
  WorkerOptions: workerOptions,
  PushOptions: pushOptions,
  ListOptions: listOptions,
  LimitOptions: limitOptions,
  OnOptions: onOptions,
  ListenOptions: listenOptions,
};

const interfaces = new Map<string, ts.InterfaceDeclaration>();
for (const path of filesUnder('src/library').filter((each) => !isTest(each))) {
  parse(path).forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node);
  });
}

/** What the interface, or one that it extends, says of each of its members. */
function meaningsOf(name: string): ReadonlyMap<string, string> {
  const declared = interfaces.get(name);
  if (declared === undefined) throw new Error(`src/library has no interface ${name}.`);
  const inherited = (declared.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap((type) => [...meaningsOf(type.expression.getText())]),
  );
  const own = declared.members.map((member): [string, string] => {
    const [comment] = ts.getJSDocCommentsAndTags(member);
    return [member.name?.getText() ?? '', String(comment?.comment ?? '').replaceAll(/\s+/g, ' ')];
  });
  return new Map([...inherited, ...own]);
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function drawn(name: string): string {
  const meanings = meaningsOf(name);
  const rows = Object.entries(tables[name] ?? {}).map(
    ([option, { kind, default: usual }]) =>
      `| \`${option}\` | ${cell(kind.expected)} | ${cell(usual)} | ${cell(meanings.get(option) ?? '')} |`,
  );
  return ['| option | takes | default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

it.each(Object.keys(tables))('the document lists %s as the code has it', (name) => {
  const wanted = drawn(name);
  const text = textOf(file);
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(to, `${file} has a section ${name}`).toBeGreaterThan(from);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(new URL(file, root), `${text.slice(0, from)}\n${wanted}\n${text.slice(to)}`);
  else expect(text.slice(from, to).trim()).toBe(wanted);
});

it('every option says what it means', () => {
  const silent = Object.keys(tables).flatMap((name) =>
    Object.keys(tables[name] ?? {})
      .filter((option) => (meaningsOf(name).get(option) ?? '') === '')
      .map((option) => `${name}.${option}`),
  );
  expect(silent).toEqual([]);
});
