/** The command line as somebody would start it: processes, streams and exit codes. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { collectLines, type Lines } from '../support/lines.ts';

export const main = fileURLToPath(new URL('../../src/faces/cli/main.ts', import.meta.url));
/** Starting takes a fifth of the time when the code was compiled before. */
export const compiled = fileURLToPath(new URL('../../.cache/compiled', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** `undefined` in `env` removes a variable. */
export function start(args: readonly string[], env: Environment = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...args], { env: { ...process.env, NO_COLOR: undefined, NODE_COMPILE_CACHE: compiled, ...env } });
}

export async function run(args: readonly string[], env: Environment = {}, input = ''): Promise<Ran> {
  const child = start(args, env);
  // A command that doesn't read its stdin may be gone before it is written.
  child.stdin.on('error', () => undefined).end(input);
  const ended = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, out, err };
}

export interface Serving extends Lines {
  readonly address: string;
  readonly process: ChildProcessWithoutNullStreams;
  /** The exit code, or the signal. */
  readonly ended: Promise<number | string>;
}

/** A server on a free port that keeps its data for its lifetime only. */
export async function serve(flags: readonly string[] = [], env: Environment = {}): Promise<Serving> {
  const child = start(['serve', '--ephemeral', '--addr', '127.0.0.1:0', '--print-address', ...flags], env);
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  const output = collectLines([child.stdout, child.stderr], ended);
  return { ...output, address: await output.line(/^http:/), process: child, ended };
}
