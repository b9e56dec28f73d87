/** Where a field stands in the text of a job, for people. */
import { eachMember } from '../../core/json.ts';
import type { JsonText } from './json-values.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** @param field a field's name, or `outer.inner`; where the job itself begins when it has no such field */
export function placeOfField({ text, line, column }: JsonText, field: string): Place {
  const at = keyStart(text, field);
  if (at === null) return { line, column };
  const before = text.slice(0, at).split('\n');
  const last = before.at(-1) ?? '';
  return { line: line + before.length - 1, column: before.length === 1 ? column + at : last.length + 1 };
}

function keyStart(text: string, field: string): number | null {
  const [outer = '', ...rest] = field.split('.');
  const inner = rest.join('.');
  let found: number | null = null as number | null;
  eachMember(text, 0, (key, value, at) => {
    if (key === field) found = at;
    if (key !== outer || inner === '') return;
    eachMember(text, value.start, (innerKey, _, innerAt) => {
      if (innerKey === inner) found = innerAt;
    });
  });
  return found;
}
