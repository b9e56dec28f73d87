import { expect, it } from 'vitest';
import { table } from './table.ts';

it('sets columns two blanks apart and lets no character through that steers a terminal, or that nobody sees', () => {
  const rows = [
    ['1', 'a much longer name', 'x'],
    ['123', 'ü😀', { text: 'evil\u001b[2J\n\u202e', colour: 'red' as const }],
  ];
  expect(table(['ID', 'NAME', 'S'], rows)).toBe(
    ['ID   NAME                S', '1    a much longer name  x', '123  ü😀                  evil\\u001b[2J\\u000a\\u202e', ''].join('\n'),
  );
});
