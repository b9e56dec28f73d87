import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';
import { makeHqProgram } from './hq/program.ts';
import { makeProgram } from './program.ts';
import { withDoubleDashes } from './single-dash.ts';
import { withTopic } from './topic.ts';

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut(text) {
      help += text;
    },
  });
  command.outputHelp();
  return help;
}

const leaves = (command: Command): readonly Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leaves));

const withDescendants = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(withDescendants)];

describe('the program', () => {
  it('shows examples in the help of every command', () => {
    for (const program of [makeProgram(), makeHqProgram('hatstand hq')]) {
      const without = leaves(program).filter((command) => !/\nExamples:\n {2}hatstand /.test(helpOf(command)));
      expect(without.map((command) => command.name())).toEqual([]);
    }
  });

  it("offers none of HQ's words where Hatstand has its own", () => {
    const help = withDescendants(makeProgram())
      .filter((command) => command.name() !== 'hq')
      .map((command) => helpOf(command))
      .join('')
      .replaceAll(/^ +hq .*$/gm, '');
    expect(help).not.toMatch(/\bstop <|--status|--term|--begin|--reverse|\bfailure -|-s success/);
    expect(help).not.toMatch(/HQ's (rules|words|options)/);
  });

  it("says the rule that an option's value breaks", async () => {
    const told = (args: readonly string[]): Promise<unknown> =>
      makeProgram()
        .parseAsync(args, { from: 'user' })
        .then(
          () => 'nothing',
          (error: unknown) => failureOf(error)?.message,
        );
    expect(await told(['push', 'http://h/', '--priority', '5000000'])).toMatch(/whole number from -1000000 to 1000000\.$/);
    expect(await told(['push', 'http://h/', '--attempts', '0'])).toMatch(/whole number from 1 to 1000\.$/);
    expect(await told(['push', 'http://h/', '--delay', 'soon'])).toMatch(
      /a duration such as "500ms", "30s" or "1h30m"; a number alone is seconds\.$/,
    );
    expect(await told(['queues', 'limit', 'a', '--rate', '10'])).toMatch(/such as 100\/1s or 5\/1m: 1 to 1000000 in 1ms to 1d, or none\.$/);
    expect(await told(['list', '--order', 'newst'])).toMatch(/It must be newest or oldest; did you mean newest\?$/);
    for (const limit of ['0', '-1', '007', '1.5', '1e3', '', ' 5', '99999999999999999999']) {
      expect(await told(['list', '-l', limit])).toMatch(/ a whole number from 1 to 1000000000, or all\.$/);
    }
    expect(await told(['list', '-s', 'succes'])).toMatch(
      /^There is no state "succes"; did you mean succeeded\? There are: scheduled, queued/,
    );
  });
});

describe("HQ's program", () => {
  it("has HQ's commands with HQ's options, long and short", () => {
    const options = Object.fromEntries(
      makeHqProgram('hq').commands.map((command) => [
        command.name(),
        command.options.filter(({ hidden }) => !hidden).map(({ flags }) => flags.replace(/ <.*/, '')),
      ]),
    );
    const asking = ['-a, --address', '--token'];
    const filters = [
      '-n, --name',
      '-t, --term',
      '-s, --status',
      '-b, --begin',
      '-l, --limit',
      '-r, --reverse',
      '-q, --quiet',
      '-d, --detail',
    ];
    expect(options).toEqual({
      serve: ['-c, --config-file', '-l, --log-level'],
      push: asking,
      list: [...filters, ...asking],
      info: asking,
      stats: asking,
      stop: asking,
      delete: asking,
      restart: ['-c, --copy', ...asking],
    });
  });
});

describe('an unknown word', () => {
  it.each([
    ['serve', '--redis-pasword', '--redis-password'],
    ['serve', '--data-dri', '--data-dir'],
    ['push', '-q', '--queue'],
    ['list', '-S', '-s'],
    ['stats', '-jsn', '--json'],
    ['stats', '--hlep', '--help'],
    ['queues limit', '--concurency', '--concurrency'],
  ])('of %s, %s, is told with what was meant', async (command, given, meant) => {
    const parsed = makeProgram().parseAsync([...command.split(' '), given, 'x'], { from: 'user' });
    await expect(parsed).rejects.toMatchObject({ message: `error: unknown option '${given}'\n(Did you mean ${meant}?)` });
  });

  it.each([
    ['psuh', 'push'],
    ['enqueue', 'push'],
    ['start', 'serve'],
    ['hepl', null],
  ])('%s, in the place of a command, too', async (given, meant) => {
    const hint = meant === null ? '' : `\n(Did you mean ${meant}?)`;
    const message = `error: unknown command '${given}'${hint}`;
    await expect(makeProgram().parseAsync([given], { from: 'user' })).rejects.toMatchObject({ message });
  });
});

describe('help', () => {
  const program = makeProgram();
  const topic = (...args: string[]): readonly string[] => withTopic(args, program);

  it('is about the command that is named, wherever the word stands', () => {
    expect(topic('help')).toEqual(['--help']);
    expect(topic('help', 'help')).toEqual(['--help']);
    expect(topic('help', 'ls')).toEqual(['list', '--help']);
    expect(topic('help', 'queues', 'limit')).toEqual(['queues', 'limit', '--help']);
    expect(topic('queues', 'help', 'limit')).toEqual(['queues', 'limit', '--help']);
    expect(topic('help', 'push', 'what')).toEqual(['push', '--help']);
    for (const line of [['push', 'help'], ['info', 'x', '-h'], ['queues', '-h'], ['push', '--', '-h'], ['-h']])
      expect(topic(...line)).toEqual(line);
  });

  it.each([['help psuh'], ['psuh --help'], ['psuh -h'], ['help queues lmit'], ['queues help lmit'], ['queues lmit --help']])(
    'refuses the unknown word of %s, as for a command',
    (line) => {
      expect(() => topic(...line.split(' '))).toThrow(/^error: unknown command '(psuh|lmit)'\n\(Did you mean (push|limit)\?\)$/);
    },
  );
});

describe('an empty text', () => {
  it.each([
    ['list', '-f'],
    ['list', '--queue'],
    ['stats', '--token'],
    ['stats', '--address'],
    ['push', '--queue'],
    ['push', '--worker'],
    ['push', '--at'],
    ['push', '--idempotency-key'],
    ['serve', '--data-dir'],
    ['serve', '--store'],
    ['serve', '--token'],
    ['serve', '--config-file'],
    ['serve', '--redis-password'],
  ])('is refused for %s %s', async (command, option) => {
    const parsed = makeProgram().parseAsync([command, option, ''], { from: 'user' });
    await expect(parsed).rejects.toThrow(/^--[a-z-]+ must not be empty\. Leave it out, or give a value\./);
  });

  it.each([['info'], ['cancel'], ['push'], ['queues pause']])('is refused as an argument of %s', async (command) => {
    const parsed = makeProgram().parseAsync([...command.split(' '), ''], { from: 'user' });
    await expect(parsed).rejects.toThrow(/^argument 1 of \w+ must not be empty/);
  });

  it("is refused by HQ's command that is ours", async () => {
    await expect(makeHqProgram('hq').parseAsync(['serve', '--data-dir', ''], { from: 'user' })).rejects.toThrow(/must not be empty/);
  });
});

describe('long options with one dash', () => {
  const program = makeProgram();
  it.each([
    [
      ['serve', '-config-file', 'x'],
      ['serve', '--config-file', 'x'],
    ],
    [
      ['list', '-limit=5', '-q', '-rq'],
      ['list', '--limit=5', '-q', '-rq'],
    ],
    [
      ['push', '-', '-p', '-1', '-nonsense'],
      ['push', '-', '-p', '-1', '-nonsense'],
    ],
    [
      ['push', '--', '-wait'],
      ['push', '--', '-wait'],
    ],
    [['-help'], ['--help']],
  ])('%j', (given, expected) => {
    expect(withDoubleDashes(given, program)).toEqual(expected);
  });
});
