/**
 * Tables in the documents that are made from data in the code. `UPDATE_DOCS=1 npm test -- test/laws` writes them anew.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../src/core/errors.ts';
import { jobLifecycle, jobStates, jobVerbs } from '../../src/core/job.ts';
import type { Arrow, Lifecycle } from '../../src/core/lifecycle.ts';
import { mayNode, type NodeRight, nodeLifecycle, nodePhases, nodeRights, nodeVerbs } from '../../src/core/node.ts';
import { redisProfiles } from '../../src/core/redis-profile.ts';
import { root, textOf } from './sources.ts';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** First the whole table in short, then what each arrow asks for and does. */
function lifecycleTable<V extends string, S extends string>(verbs: readonly V[], states: readonly S[], lifecycle: Lifecycle<V, S>): string {
  const map = table(
    ['verb', ...states],
    verbs.map((verb) => [verb, ...states.map((state) => lifecycle[verb][state]?.to ?? '·')]),
  );
  const arrows = verbs.flatMap((verb) =>
    Object.entries<Arrow<string> | undefined>(lifecycle[verb]).map(([state, arrow]) => [
      `${verb}: ${state} → ${arrow?.to}`,
      arrow?.guard ?? '',
      arrow?.effect ?? '',
    ]),
  );
  return `${map}\n\n${table(['arrow', 'only if', 'what it does'], arrows)}`;
}

const jobTable = (): string => lifecycleTable(jobVerbs, jobStates, jobLifecycle);
const nodeTable = (): string => lifecycleTable(nodeVerbs, nodePhases, nodeLifecycle);

function rightsTable(): string {
  const rights = Object.keys(nodeRights) as NodeRight[];
  return table(
    ['it may', ...nodePhases],
    rights.map((right) => [right, ...nodePhases.map((phase) => (mayNode(phase, right) ? 'yes' : '·'))]),
  );
}

function errorsTable(): string {
  return table(
    ['code', 'HTTP status', 'exit code', 'meaning'],
    Object.entries(errorTable).map(([code, kind]) => [`\`${code}\``, String(kind.http), String(kind.exit), kind.title]),
  );
}

function profilesTable(): string {
  return table(
    ['`durability`', 'needs', 'what a 2xx survives'],
    Object.entries(redisProfiles).map(([name, profile]) => [`\`${name}\``, profile.needs, profile.survives]),
  );
}

/** The text between `<!-- name:begin -->` and `<!-- name:end -->`. */
function section(file: string, name: string, wanted: string): string {
  const text = textOf(file);
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${file} has no section between ${begin} and ${end}.`);
  if (process.env['UPDATE_DOCS'] !== '1') return text.slice(from, to).trim();
  writeFileSync(new URL(file, root), `${text.slice(0, from)}\n${wanted}\n${text.slice(to)}`);
  return wanted;
}

/** What each document links to: a file beside it, and a heading in that. */
function brokenLinks(file: string): readonly string[] {
  const links = [...textOf(file).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]*))?\)/g)];
  return links.flatMap(([link, path = '', heading]) => {
    const target = path === '' ? new URL(file, root) : new URL(path, new URL(file, root));
    if (!existsSync(target)) return [`${file} ${link}`];
    if (heading === undefined) return [];
    return headingsIn(readFileSync(target, 'utf8')).includes(heading) ? [] : [`${file} ${link}`];
  });
}

const headingsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('documents', () => {
  it('link to what is there', () => {
    const inDocs = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`);
    const files = [...readdirSync(root), ...inDocs].filter((name) => name.endsWith('.md'));
    expect(files).toContain('docs/api.md');
    expect(files.flatMap(brokenLinks)).toEqual([]);
  });

  it.each([
    ['job', jobTable()],
    ['node', nodeTable()],
    ['node-rights', rightsTable()],
  ])('draw the life of a %s as the code has it', (name, drawn) => {
    expect(section('ARCHITECTURE.md', name, drawn)).toBe(drawn);
  });

  it('list the error codes as the code has them', () => {
    expect(section('docs/reference/errors.md', 'errors', errorsTable())).toBe(errorsTable());
  });

  it('say what each Redis gives as the code has it', () => {
    expect(section('docs/cluster.md', 'profiles', profilesTable())).toBe(profilesTable());
  });
});
