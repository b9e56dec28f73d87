/** Lines as somebody types them into a shell, with `hatstand` and `hq` installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { compiled, type Environment, main, type Ran } from './command.ts';

export interface Shell {
  /** The folder in which lines are run. */
  readonly folder: string;
  run(line: string, input?: string): Promise<Ran>;
}

/** `hq` is a link to the same program, as README and package managers make them. */
export function openShell(folder: string, env: Environment = {}): Shell {
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  const link = join(bin, 'link');
  mkdirSync(link);
  symlinkSync(main, join(link, 'hq'));
  for (const [name, program] of [
    ['hatstand', main],
    ['hq', join(link, 'hq')],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return {
    folder,
    async run(line, input = '') {
      const child = spawn('sh', ['-c', line], {
        cwd: folder,
        env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      });
      child.stdin.on('error', () => undefined).end(input);
      const ended = once(child, 'exit');
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = await ended;
      return { code, out, err };
    },
  };
}
