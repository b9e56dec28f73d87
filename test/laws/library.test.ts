/**
 * docs/library.md, and that of distributed-task, have each option as the code has it: names, kinds and defaults from the tables that check them,
 * the meaning from the interfaces that editors show. `UPDATE_DOCS=1 npm test -- test/laws` writes them anew.
 */
import { writeFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { configOptions, redisPlace } from '../../src/distributed-task/config.ts';
import { batchCancelOptions, batchListOptions, batchPushOptions, newBatchOptions } from '../../src/library/batch-options.ts';
import { declarationOptions } from '../../src/library/define.ts';
import { taskDeclarationOptions } from '../../src/library/defined-task.ts';
import { elsewhereOptions } from '../../src/library/elsewhere-options.ts';
import { onOptions } from '../../src/library/events.ts';
import { eventOptions, eventsOptions } from '../../src/library/happenings.ts';
import { listOptions } from '../../src/library/list.ts';
import { listenOptions } from '../../src/library/listen.ts';
import { linesOptions } from '../../src/library/log.ts';
import type { Option } from '../../src/library/option.ts';
import { hatstandOptions, linkOptions, pushManyOptions, pushOptions, workerOptions } from '../../src/library/options.ts';
import { purgeOptions } from '../../src/library/purge.ts';
import { keyLimitOptions, limitOptions } from '../../src/library/queues.ts';
import { memoryOptions, redisOptions, sqliteOptions } from '../../src/library/stores.ts';
import { moveOptions, restartOptions, startOptions, taskListOptions } from '../../src/library/task-options.ts';
import {
  backfillOptions,
  newTriggerOptions,
  pauseOptions,
  previewOptions,
  triggerHistoryOptions,
  triggerListOptions,
} from '../../src/library/trigger-options.ts';
import { allTriggersOptions, tickOptions } from '../../src/library/trigger-upkeep.ts';
import { watchOptions } from '../../src/library/watch.ts';
import { filesUnder, isTest, parse, root, textOf } from './sources.ts';

type Tables = Readonly<Record<string, Readonly<Record<string, Option<unknown>>>>>;
const ofLibrary: Tables = {
  HatstandOptions: hatstandOptions,
  SqliteOptions: sqliteOptions,
  RedisOptions: redisOptions,
  MemoryOptions: memoryOptions,
  WorkerOptions: workerOptions,
  WorkerDeclaration: declarationOptions,
  PushOptions: pushOptions,
  ListOptions: listOptions,
  LinesOptions: linesOptions,
  PurgeOptions: purgeOptions,
  LimitOptions: limitOptions,
  KeyLimitOptions: keyLimitOptions,
  OnOptions: onOptions,
  EventOptions: eventOptions,
  EventsOptions: eventsOptions,
  WatchOptions: watchOptions,
  LinkOptions: linkOptions,
  ListenOptions: listenOptions,
  NewTriggerOptions: newTriggerOptions,
  TriggerListOptions: triggerListOptions,
  TriggerHistoryOptions: triggerHistoryOptions,
  PreviewOptions: previewOptions,
  PauseOptions: pauseOptions,
  BackfillOptions: backfillOptions,
  TickOptions: tickOptions,
  AllTriggersOptions: allTriggersOptions,
  NewBatchOptions: newBatchOptions,
  BatchPushOptions: batchPushOptions,
  BatchCancelOptions: batchCancelOptions,
  BatchListOptions: batchListOptions,
  TaskDeclaration: taskDeclarationOptions,
  RestartOptions: restartOptions,
  StartOptions: startOptions,
  MoveOptions: moveOptions,
  TaskListOptions: taskListOptions,
  ElsewhereOptions: elsewhereOptions,
};
const ofDistributedTask: Tables = { DistributedTaskConfig: configOptions, RedisPlace: redisPlace };
const tables: Tables = { ...ofLibrary, ...ofDistributedTask };
const fileOf = (name: string): string => (name in ofLibrary ? 'docs/library.md' : 'docs/distributed-task.md');

const interfaces = new Map<string, ts.InterfaceDeclaration>();
for (const path of [...filesUnder('src/library'), ...filesUnder('src/distributed-task')].filter((each) => !isTest(each))) {
  parse(path).forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node);
  });
}

/** What the interface, or one that it extends, says of each of its members. */
function meaningsOf(name: string): ReadonlyMap<string, string> {
  const declared = interfaces.get(name);
  if (declared === undefined) throw new Error(`There is no interface ${name}.`);
  const inherited = (declared.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap((type) => [...meaningsOf(type.expression.getText())]),
  );
  const own = declared.members.map((member): [string, string] => {
    const [comment] = ts.getJSDocCommentsAndTags(member);
    return [member.name?.getText() ?? '', String(comment?.comment ?? '').replaceAll(/\s+/g, ' ')];
  });
  return new Map([...inherited, ...own]);
}

/** What editors show of its default; the table has a column for it. */
const defaultIn = ({ default: usual }: Option<unknown>): string => (usual === 'required' ? '' : ` Default: ${usual}.`);

const cell = (text: string): string => text.replaceAll('|', '\\|');

function drawn(name: string): string {
  const meanings = meaningsOf(name);
  const rows = Object.entries(tables[name] ?? {}).map(
    ([option, row]) =>
      `| \`${option}\` | ${cell(row.kind.expected)} | ${cell(row.default)} | ${cell((meanings.get(option) ?? '').replace(defaultIn(row), ''))} |`,
  );
  return ['| option | takes | default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

it.each(Object.keys(tables))('the document lists %s as the code has it', (name) => {
  const file = fileOf(name);
  const wanted = drawn(name);
  const text = textOf(file);
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(to, `${file} has a section ${name}`).toBeGreaterThan(from);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(new URL(file, root), `${text.slice(0, from)}\n${wanted}\n${text.slice(to)}`);
  else expect(text.slice(from, to).trim()).toBe(wanted);
});

it('every option tells editors its default', () => {
  const silent = Object.entries({ ...tables, PushManyOptions: pushManyOptions }).flatMap(([name, table]) =>
    Object.entries(table)
      .filter(([option, row]) => !(meaningsOf(name).get(option) ?? '').endsWith(defaultIn(row)))
      .map(([option]) => `${name}.${option}`),
  );
  expect(silent).toEqual([]);
});

it('every option says what it means', () => {
  const silent = Object.keys(tables).flatMap((name) =>
    Object.keys(tables[name] ?? {})
      .filter((option) => (meaningsOf(name).get(option) ?? '') === '')
      .map((option) => `${name}.${option}`),
  );
  expect(silent).toEqual([]);
});

/** What a caller meets, beside options. */
const met = {
  Hatstand: 'src/hatstand.ts',
  Looks: 'src/library/looks.ts',
  WorkerHandle: 'src/library/worker.ts',
  FunctionContext: 'src/library/worker.ts',
  WorkerContext: 'src/library/worker.ts',
  Listening: 'src/library/listen.ts',
  JobPage: 'src/library/list.ts',
  Triggers: 'src/library/triggers.ts',
  TriggerUpkeep: 'src/library/trigger-upkeep.ts',
  Batches: 'src/library/batches.ts',
  Tasks: 'src/library/tasks.ts',
  TaskContext: 'src/library/define-task.ts',
};

it.each(Object.entries(met))('editors are told what each member of %s does', (name, path) => {
  const silent: string[] = [];
  let looked = 0;
  parse(path).forEachChild((node) => {
    if (!(ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) || node.name?.text !== name) return;
    for (const member of node.members) {
      const isHidden = member.name !== undefined && ts.isPrivateIdentifier(member.name);
      // What overloads have in common is shown to nobody.
      const isBehindOverloads =
        ts.isMethodDeclaration(member) && ['worker', 'push', 'pushMany'].includes(member.name.getText()) && member.body !== undefined;
      if (isHidden || isBehindOverloads) continue;
      looked += 1;
      if (ts.getJSDocCommentsAndTags(member).length === 0) silent.push(member.getText().slice(0, 40));
    }
  });
  expect(looked).toBeGreaterThan(1);
  expect(silent).toEqual([]);
});
