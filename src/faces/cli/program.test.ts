import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
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

describe('the program', () => {
  it("has HQ's commands with HQ's options, long and short", () => {
    const options = Object.fromEntries(
      makeProgram().commands.map((command) => [command.name(), command.options.map(({ flags }) => flags.replace(/ <.*/, ''))]),
    );
    const address = '-a, --address';
    expect(options['serve']).toEqual(expect.arrayContaining(['-c, --config-file', '-l, --log-level']));
    expect(options['list']).toEqual(
      expect.arrayContaining([
        '-n, --name',
        '-t, --term',
        '-s, --status',
        '-b, --begin',
        '-l, --limit',
        '-r, --reverse',
        '-q, --quiet',
        '-d, --detail',
        address,
      ]),
    );
    expect(options['restart']).toEqual(expect.arrayContaining(['-c, --copy', address]));
    for (const name of ['push', 'info', 'delete', 'stop', 'stats']) expect(options[name]).toContain(address);
  });

  it('shows examples in the help of every command', () => {
    const without = leaves(makeProgram()).filter((command) => !/\nExamples:\n {2}hatstand /.test(helpOf(command)));
    expect(without.map((command) => command.name())).toEqual(['version']);
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
