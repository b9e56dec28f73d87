/** What goes to stdout (data) and to stderr (everything else). */
import { once } from 'node:events';
import { styleText } from 'node:util';

export type Colour = 'red' | 'green' | 'cyan' | 'yellow' | 'gray' | 'dim' | 'bold';

/** Resolves when more may be printed: a slow reader slows us down instead of filling our memory. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function printBytes(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

export const printLine = (line: string): Promise<void> => print(`${line}\n`);

export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Only on a terminal, and not with NO_COLOR. */
export const paint = (colour: Colour, text: string): string => styleText(colour, text, { stream: process.stdout });

/**
 * Whoever read our output has gone (`| head`): end as the shell's own programs do. Whoever read our complaints has gone:
 * nobody is left to be told, and a server goes on.
 */
export function endWithReader(): void {
  const brokenPipe = 141;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? brokenPipe : 1));
  process.stderr.on('error', () => undefined);
}
