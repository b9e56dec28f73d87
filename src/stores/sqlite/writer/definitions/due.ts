/**
 * What is due: each kind is asked along its index, so that definitions that are not due cost nothing. Who writes when one is
 * due goes through table.ts.
 */
import type { WriterHandlers } from '../../calls/calls.ts';
import { kindCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { definitionsSql, dueOfRow, makeShown, pageOf } from '../../file/rows/definition.ts';
import type { Row } from '../../file/tape.ts';
import type { State } from '../state.ts';

export const dueSql = definitionsSql('definitions_due', 'kind = ? AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at');

export const nextDueSql = `
  SELECT due_at FROM definitions INDEXED BY definitions_due
  WHERE kind = ? AND due_at IS NOT NULL AND due_at > ? ORDER BY due_at LIMIT 1`;

export function makeDue({ db, clock }: State): Pick<WriterHandlers['definitions'], 'due'> {
  const due = prepareRows(db, dueSql);
  const nextDue = prepareRows(db, nextDueSql);
  const shown = makeShown(db);
  return {
    due(kinds, limit, behind) {
      const now = clock.now();
      const latest = now - behind;
      const codes = [...new Set(kinds)].map(kindCode);
      const late = codes.map((kind) => pageOf(due.each(kind, latest), limit));
      // What is left of one kind may have been due longer than the last ones of another.
      const cut = Math.min(...late.map(({ next }) => (next === null ? Number.POSITIVE_INFINITY : dueOfRow(next))));
      const longest = late.flatMap((those) => those.page.filter((row) => dueOfRow(row) <= cut));
      const { page, next } = pageOf(longest.sort(byDue), limit);
      const isMore = next !== null || late.some((those) => those.next !== null);
      const following = codes.flatMap((kind) => nextDue.get(kind, latest)?.[0] ?? []).map(Number);
      const nextIn = isMore ? 0 : following.length === 0 ? null : Math.min(...following) - latest;
      return { now, definitions: page.map(shown), nextIn };
    },
  };
}

const byDue = (a: Row, b: Row): number => dueOfRow(a) - dueOfRow(b);
