import type { Command } from 'commander';
import { HatstandError } from '../../../core/errors.ts';
import { hideLogins } from '../../../core/login.ts';
import type { ServerOptions } from '../client-command.ts';
import { openInput } from '../input.ts';
import { jsonValues } from '../json-values.ts';
import { printLine } from '../terminal.ts';
import { askingHq, hqClientOf } from './asking-hq.ts';

/** HQ's command takes files, and ours a url. */
function adviceFor(word: string): string {
  if (/^[[{]/.test(word)) return ` A job itself comes from stdin: echo '{"url": "http://…"}' | hatstand hq push -`;
  if (!/^https?:\/\//i.test(word)) return '';
  const url = hideLogins(word);
  return ` HQ's push takes JSON files, such as {"url": "${url}"}, or - for stdin; a url is pushed by: hatstand push ${url}`;
}

/** Each job is a body of its own for POST /job, byte for byte as it was written. HQ takes one job a file, and passes over others. */
export function addHqPush(program: Command): void {
  const command = program
    .command('push')
    .description('push the jobs of JSON files, or of stdin (-), and print their ids; the first fault ends it')
    .argument('<file...>', 'what is POSTed to /job');
  askingHq(command, ['push job.json', 'push - < job.json']).action(async (files: readonly string[], options: ServerOptions) => {
    const { hq } = hqClientOf(options);
    for (const file of files) {
      const input = await openInput(file, adviceFor);
      try {
        for await (const found of jsonValues(input.stream, input.name)) {
          for (const each of found) {
            if (each instanceof HatstandError) throw each;
            await printLine((await hq.push(each.text)).id);
          }
        }
      } finally {
        input.close();
      }
    }
  });
}
