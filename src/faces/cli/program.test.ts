import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';
import { makeHqProgram } from './hq/program.ts';
import { makeProgram } from './program.ts';
import { withDoubleDashes } from './single-dash.ts';

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
    expect(await told(['queues', 'limit', 'a', '--rate', '10'])).toMatch(/such as 100\/1s or 5\/1m, or none\.$/);
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

describe('an unknown option', () => {
  it.each([
    ['--redis-pasword', '--redis-password'],
    ['--data-dri', '--data-dir'],
  ])('%s is told with what was meant', async (given, meant) => {
    const parsed = makeProgram().parseAsync(['serve', given, 'x'], { from: 'user' });
    await expect(parsed).rejects.toMatchObject({ message: `error: unknown option '${given}'\n(Did you mean ${meant}?)` });
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
