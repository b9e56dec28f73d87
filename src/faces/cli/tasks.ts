import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { Task, TaskSummary } from '../client/client.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf, withDomain } from './client-command.ts';
import { forEach } from './each.ts';
import { checkJson } from './json-option.ts';
import { orWord, whole } from './option-values.ts';
import { type TaskFields, taskText, withTaskFields } from './task-fields.ts';
import { controlTable, describedTask, taskTable } from './task-text.ts';
import { note, print, printLine } from './terminal.ts';

interface TaskOptions extends ClientOptions {
  readonly domain?: string;
}

const taskJson = 'each task on a line, as `GET /v1/tasks/<id>` has it';

export function addTasks(program: Command): void {
  const tasks = addGroup(program, 'tasks', 'functions that nodes keep running: list, start, show, stop, move, tell tasks');
  addListing(tasks, 'tasks', 'each task on a line', list, (command) =>
    withDomain(command, 'only those of this tenant')
      .option('--worker <name>', 'only those of this worker')
      .option('-l, --limit <n>', 'list at most n tasks, or all', orWord(whole(1, 1_000_000_000), 'all'), 500),
  );
  addStart(tasks);
  askingServer(
    named(tasks, 'show', 'show tasks, with their crashes, checkpoints and results'),
    ['hatstand tasks show tail-1'],
    taskJson,
  ).action((ids: readonly string[], options: TaskOptions) =>
    forEach(ids, options.json, async (id) => tell(await clientOf(options).tasks.get(id, options.domain), options, describedTask)),
  );
  addRestart(tasks);
  addVerbs(tasks, [
    ['disable', 'tell tasks to return; they do not run until they are enabled'],
    ['enable', 'let tasks run that were disabled, or have ended, from their newest checkpoints on'],
  ]);
  addMove(tasks);
  addTell(tasks);
  addVerbs(tasks, [
    ['stop', 'tell tasks to return; they have ended then'],
    ['collect', 'take away tasks that have ended, and show them with their results'],
  ]);
  const remove = named(tasks, 'delete', 'delete tasks with all that they keep; those that run are told to return before');
  askingServer(remove, ['hatstand tasks delete tail-1'], '`{"id": "…"}` on a line for each task').action(
    (ids: readonly string[], options: TaskOptions) =>
      forEach(ids, options.json, async (id) => {
        await clientOf(options).tasks.delete(id, options.domain);
        await printLine(options.json === true ? JSON.stringify({ id }) : id);
      }),
  );
}

const named = (tasks: Command, name: string, described: string): Command =>
  withDomain(tasks.command(name).description(described).argument('<id...>', 'the tasks'));

function addVerbs(tasks: Command, verbs: readonly (readonly ['enable' | 'disable' | 'stop' | 'collect', string])[]): void {
  for (const [verb, described] of verbs) {
    askingServer(named(tasks, verb, described), [`hatstand tasks ${verb} tail-1`], taskJson).action(
      (ids: readonly string[], options: TaskOptions) =>
        forEach(ids, options.json, async (id) => {
          const task = await clientOf(options).tasks[verb](id, options.domain);
          await tell(task, options, verb === 'collect' ? describedTask : () => `${id}\n`);
        }),
    );
  }
}

function addStart(tasks: Command): void {
  const command = tasks
    .command('start')
    .description('start a task; print its id')
    .argument('<worker>', 'the function that nodes keep running')
    .option('--id <id>', 'its id; one that nobody guesses when not given');
  askingServer(
    withDomain(withTaskFields(command), 'its tenant'),
    [
      'hatstand tasks start tail -p \'{"file": "orders.log"}\' --id tail-1 --stalled-after 5m',
      'hatstand tasks start sync --pause 10s --restart always --clean-end',
    ],
    taskJson,
  ).action(async (worker: string, options: TaskOptions & TaskFields & { readonly id?: string }) => {
    const task = await clientOf(options).tasks.start(taskText({ worker, id: options.id, domain: options.domain }, options));
    await tell(task, options, () => `${task.id}\n`);
    if (task.unserved) note(`No live node serves the worker ${task.worker}: it waits until one does.`);
  });
}

function addRestart(tasks: Command): void {
  const command = withTaskFields(named(tasks, 'restart', 'begin tasks anew, also after their end; what is not given stays as it is'));
  askingServer(
    command,
    ['hatstand tasks restart tail-1', 'hatstand tasks restart tail-1 -p \'{"file": "returns.log"}\' --crashes 3'],
    taskJson,
  ).action((ids: readonly string[], options: TaskOptions & TaskFields) => {
    const change = taskText({}, options);
    return forEach(ids, options.json, async (id) =>
      tell(await clientOf(options).tasks.restart(id, change, options.domain), options, () => `${id}\n`),
    );
  });
}

function addMove(tasks: Command): void {
  const command = named(tasks, 'move', 'let tasks go on at a node, or away from one, from their newest checkpoints on')
    .option('--to <node>', 'a node, by its name or incarnation, at which they go on')
    .option('--from <node>', 'a node at which they do not go on');
  askingServer(command, ['hatstand tasks move tail-1 --to web-1'], taskJson).action(
    (ids: readonly string[], { to, from, ...options }: TaskOptions & { readonly to?: string; readonly from?: string }) => {
      const place = to !== undefined ? { to } : from !== undefined ? { from } : null;
      if (place === null || (to !== undefined && from !== undefined))
        throw new HatstandError('invalid_request', 'Say one of the two: --to <node>, or --from <node>.');
      return forEach(ids, options.json, async (id) =>
        tell(await clientOf(options).tasks.move(id, place, options.domain), options, () => `${id}\n`),
      );
    },
  );
}

function addTell(tasks: Command): void {
  const command = tasks
    .command('tell')
    .description('tell a task something, which whoever runs it hears, now or later; print the id of the message')
    .argument('<id>', 'the task')
    .argument('<name>', 'what its function hears it under')
    .option('-d, --data <json>', 'what is told beside the name');
  askingServer(withDomain(command, 'its tenant'), ['hatstand tasks tell tail-1 rewind -d \'{"line": 0}\''], '`{"id": "…"}`').action(
    async (id: string, name: string, options: TaskOptions & { readonly data?: string }) => {
      if (options.data !== undefined) checkJson(options.data, '--data', '-d');
      const told = await clientOf(options).tasks.tell(id, name, options.data, options.domain);
      await printLine(options.json === true ? JSON.stringify({ id: told.id }) : told.id);
    },
  );
  const waiting = tasks.command('controls').description('list what a task was told and has not handled yet').argument('<id>', 'the task');
  askingServer(
    withDomain(waiting, 'its tenant'),
    ['hatstand tasks controls tail-1'],
    'each control message on a line, as `GET /v1/tasks/<id>/controls` has it',
  ).action(async (id: string, options: TaskOptions) => {
    const controls = await clientOf(options).tasks.controls(id, options.domain);
    await print(options.json === true ? controls.map((each) => `${JSON.stringify(each)}\n`).join('') : controlTable(controls));
  });
}

interface ListOptions extends TaskOptions {
  readonly worker?: string;
  readonly limit: number | 'all';
}

const perPage = 500;

async function list({ limit, json, domain, worker, ...options }: ListOptions): Promise<void> {
  const client = clientOf(options);
  const most = limit === 'all' ? Number.POSITIVE_INFINITY : limit;
  const found: TaskSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.tasks.list({ domain, worker, limit: Math.min(perPage, most - found.length), cursor });
    found.push(...page.tasks);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);
  await print(json === true ? found.map((each) => `${JSON.stringify(each)}\n`).join('') : taskTable(found));
  if (cursor !== undefined) note(`There are more: -l all, or a larger number than ${limit}.`);
}

const tell = (task: Task, { json }: ClientOptions, shown: (task: Task) => string): Promise<void> =>
  json === true ? printLine(JSON.stringify(task)) : print(shown(task));
