/** The figures of a scenario, for the table that scripts/faults.mjs prints. */
import { appendFileSync } from 'node:fs';

export interface Figures {
  readonly acknowledged: number;
  readonly lost: number;
  /** Results that were accepted beside another one of the same job, and jobs that one push made twice. */
  readonly duplicated: number;
  /** Results of stale attempts, refused by the store. */
  readonly refused: number;
  /** Jobs that ran more than once. */
  readonly repeated: number;
  /** Milliseconds from a fault until what it held up went on. */
  readonly recoveries: readonly number[];
}

/** Adds a line to the file that HATSTAND_FAULTS_REPORT names, if it does. */
export function report(scenario: string, figures: Figures): void {
  const file = process.env['HATSTAND_FAULTS_REPORT'];
  if (file === undefined) return;
  appendFileSync(file, `${JSON.stringify({ scenario, ...figures, recoveries: figures.recoveries.map(Math.round) })}\n`);
}
