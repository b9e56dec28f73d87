/** What attacks cost, for whoever runs them: one line of JSON each, in the file that HATSTAND_ABUSE_REPORT names. */
import { appendFileSync } from 'node:fs';
import type { Figures } from './bystander.ts';

export interface Report {
  readonly store: string;
  readonly attack: string;
  readonly came: string;
  /** Of others: before the attack, and during it. */
  readonly calm: Figures;
  readonly during: Figures;
  /** The most resident memory of the server above what it had before all attacks, in bytes. */
  readonly grown: number;
  readonly lease: 'kept' | 'lost';
}

export function report(told: Report): void {
  const file = process.env['HATSTAND_ABUSE_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(told)}\n`);
}
