/** How much is compared: a little in the ordinary test run, all of it by `npm run test:cron`. */
import { appendFileSync } from 'node:fs';

const isWhole = process.env['HATSTAND_CRON'] === 'whole';

export const scaled = (little: number, whole: number): number => (isWhole ? whole : little);

/** As many of them as make the wanted number, evenly spread. */
export function spread<T>(all: readonly T[], little: number): readonly T[] {
  const wanted = Math.min(all.length, isWhole ? all.length : little);
  return Array.from({ length: wanted }, (_, at) => all[Math.floor((at * all.length) / wanted)]).filter((one) => one !== undefined);
}

export interface Report {
  readonly comparison: string;
  readonly zones: number;
  readonly expressions: number;
  readonly answers: number;
  /** Answers that differ. */
  readonly differ: number;
}

/** Adds a line to the file that HATSTAND_CRON_REPORT names, if it does. */
export function report(told: Report): void {
  const file = process.env['HATSTAND_CRON_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(told)}\n`);
}
