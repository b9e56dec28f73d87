/** The header fields of an answer. */
import type { Dispatcher } from 'undici';

export type AnswerHeaders = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

const blanks = /^[ \t]+|[ \t]+$/g;

/** The value of a field that has one, without the blanks around it; `null`: there is none, or more than one. */
export function fieldValue(headers: AnswerHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value.replace(blanks, '') : null;
}

/** The elements of a field that is a list, over all its lines (RFC 9110 §5.6.1), in lower case; empty ones do not count. */
export function fieldList(headers: AnswerHeaders, name: string): readonly string[] {
  const lines = headers[name] ?? [];
  const elements = (typeof lines === 'string' ? [lines] : lines).flatMap((line) => line.split(','));
  return elements.map((element) => element.replace(blanks, '').toLowerCase()).filter((element) => element !== '');
}
