/** What goes to stdout (data) and to stderr (everything else). */
import { once } from 'node:events';
import { styleText } from 'node:util';
import { visible } from '../../core/invisible.ts';

export type Colour = 'red' | 'green' | 'cyan' | 'yellow' | 'gray' | 'dim' | 'bold';

/**
 * Resolves when more may be printed: a slow reader slows us down instead of filling our memory. A terminal gets nothing that
 * steers it but colours; programs get all as it is.
 */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(process.stdout.isTTY ? tame(text) : text)) await once(process.stdout, 'drain');
}

export async function printBytes(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

export const printLine = (line: string): Promise<void> => print(`${line}\n`);

export function note(line: string): void {
  process.stderr.write(`${plainLines(line)}\n`);
}

/** Only on a terminal, and not with NO_COLOR. */
export const paint = (colour: Colour, text: string): string => styleText(colour, text, { stream: process.stdout });

/** A name, a comment or an error may hold characters that steer a terminal, or that nobody sees. */
export const plain = visible;

/** The same of a text that may have several lines. */
export const plainLines = (text: string): string => text.replaceAll('\r\n', '\n').replace(/[^\n\t]+/g, visible);

/** What `paint` writes. */
const colour = new RegExp(`(${'\u001b'}\\[\\d{1,2}m)`);

const tame = (text: string): string =>
  text
    .split(colour)
    .map((part, at) => (at % 2 === 1 ? part : plainLines(part)))
    .join('');

/**
 * Whoever read our output has gone (`| head`): end as the shell's own programs do. It cannot be written for another reason,
 * such as a full disk: say so and fail. Whoever read our complaints has gone: nobody is left to be told, and a server goes on.
 */
export function endWithReader(): void {
  const [brokenPipe, failed] = [141, 1];
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(brokenPipe);
    process.stderr.write(`error: The output cannot be written (${error.message}). What the command did stays done.\n`, () =>
      process.exit(failed),
    );
  });
  process.stderr.on('error', () => undefined);
}
