/** What attacks cost, for whoever runs them: one line of JSON each, in the file that HATSTAND_ABUSE_REPORT names. */
import { appendFileSync } from 'node:fs';
import type { Figures } from './bystander.ts';

export interface Report {
  readonly scenario: string;
  /** Before the attack. */
  readonly calm: Figures;
  readonly during: Figures;
}

export function report(told: Report): void {
  const file = process.env['HATSTAND_ABUSE_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(told)}\n`);
}
