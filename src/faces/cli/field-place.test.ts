import { expect, it } from 'vitest';
import { placeOfField } from './field-place.ts';

const placeOf = (text: string, field: string) => placeOfField({ text, value: JSON.parse(text), line: 3, column: 5 }, field);

it.each([
  ['{"a": 1, "b": 2}', 'b', { line: 3, column: 14 }],
  ['{\n  "a": 1,\n  "b": 2\n}', 'b', { line: 5, column: 3 }],
  ['{"retry":\n  {"x": 1}}', 'retry.x', { line: 4, column: 4 }],
  ['{"headers": {"X.Y": "z"}}', 'headers.X.Y', { line: 3, column: 18 }],
  ['{"x.y": 1}', 'x.y', { line: 3, column: 6 }],
  ['{"a": {"b": 1}}', 'b', { line: 3, column: 5 }],
  ['{"a": 1}', '', { line: 3, column: 5 }],
])('in %j stands %s', (text, field, place) => {
  expect(placeOf(text, field)).toEqual(place);
});
