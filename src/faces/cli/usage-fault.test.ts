import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';
import { makeProgram } from './program.ts';

/** What is told of a line that cannot be understood. */
async function told(args: readonly string[]): Promise<string | undefined> {
  const parsed = makeProgram().parseAsync(args, { from: 'user' });
  return await parsed.then(
    () => 'nothing',
    (error: unknown) => failureOf(error)?.message,
  );
}

const hidden = '(not shown: it may be a secret)';
const behind = 'Write each value right behind the name of its option, as in --name value.';

describe('a line that cannot be understood', () => {
  it.each([
    [['serve', 'redis://:s3cret@h:1'], `too many arguments for 'serve'. Expected 0 arguments but got 1 ${hidden}. ${behind}`],
    [['serve', '--redis-password=', 's3cret'], `too many arguments for 'serve'. Expected 0 arguments but got 1 ${hidden}. ${behind}`],
    [
      ['stats', '--token=', 's3cret', 'a, b\ns3cret'],
      `too many arguments for 'stats'. Expected 0 arguments but got 2 ${hidden}. ${behind}`,
    ],
    [['serve', '--port', '8080'], "unknown option '--port'\n(Did you mean --addr host:port?)"],
    [['push', '--retries', '3'], "unknown option '--retries'\n(Did you mean --attempts?)"],
    [['push', '--data={}'], "unknown option '--data'\n(Did you mean --payload?)"],
    [['serve', '--store-pass=s3cret'], "unknown option '--store-pass'\n(Did you mean --store-password?)"],
    [['serve', '--store-pasword=s3cret'], "unknown option '--store-pasword'\n(Did you mean --store-password?)"],
    [['serve', '--redis-pasword=s3cret'], "unknown option '--redis-pasword'\n(Did you mean --redis-password?)"],
    [['nodes', '--tokn=s3cret\n(Did you mean s3cret?)'], "unknown option '--tokn'\n(Did you mean --token?)"],
    [['nodes', '--tokn', 's3cret'], "unknown option '--tokn'\n(Did you mean --token?)"],
    [['stats', '-tokn=s3cret'], "unknown option '-tokn'\n(Did you mean --token?)"],
    [['stats', '-Ps3cret'], "unknown option '-P…'"],
    [['redis://:s3cret@h:1'], `unknown command ${hidden}`],
    [['s3cret'], `unknown command ${hidden}`],
    [['nodes', '--token=', 's3cret'], '--token must not be empty. Leave it out, or give a value. Is a variable of the shell not set?'],
    [['nodes', 'drian'], 'There is no command "hatstand nodes drian"; did you mean drain? There are: list, drain, resume, forget.'],
    [['push', 'http://h/', '-H', 's3cret'], /^option '-H, --header <name: value>' argument is invalid\. It must be such as/],
    [
      ['list', '--limit', 'redis://:s3cret@h:1'],
      "option '-l, --limit <n>' argument 'redis://…@h:1' is invalid. It must be a whole number from 1 to 1000000000, or all.",
    ],
  ])('%j is told without what may be a secret', async (args, expected) => {
    const message = await told(args);
    expect(message).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    expect(message).not.toContain('s3cret');
  });

  it('keeps what may be shown', () => {
    const known = "error: unknown command 'lsit'\n(Did you mean list?)";
    expect(failureOf(new CommanderError(1, 'commander.unknownCommand', known))?.message).toBe(
      "unknown command 'lsit'\n(Did you mean list?)",
    );
  });
});
