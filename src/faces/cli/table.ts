/** Tables as HQ prints them: two blanks between columns, no lines. */
import { type Colour, paint, plain } from './terminal.ts';

export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

const widthOf = (text: string): number => [...text].length;

/** One line per row, each ending with a line break. */
export function table(head: readonly string[], rows: readonly (readonly (string | Cell)[])[]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'string' ? { text: plain(cell) } : { ...cell, text: plain(cell.text) })),
  );
  const widths = head.map((_, column) => cells.reduce((widest, row) => Math.max(widest, widthOf(row[column]?.text ?? '')), 0));
  return cells.map((row) => `${lineOf(row, widths)}\n`).join('');
}

function lineOf(row: readonly Cell[], widths: readonly number[]): string {
  const shown = row.map(({ text, colour }, column) => {
    const padded = column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - widthOf(text));
    return (colour === undefined ? text : paint(colour, text)) + padded;
  });
  return shown.join('  ').trimEnd();
}
