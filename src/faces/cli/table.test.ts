import { expect, it } from 'vitest';
import { table } from './table.ts';

it('sets columns two blanks apart and lets no control character through', () => {
  const rows = [
    ['1', 'a much longer name', 'x'],
    ['123', 'ü😀', { text: 'evil\u001b[2J\n', colour: 'red' as const }],
  ];
  expect(table(['ID', 'NAME', 'S'], rows)).toBe(
    ['ID   NAME                S', '1    a much longer name  x', '123  ü😀                  evil?[2J?', ''].join('\n'),
  );
});
