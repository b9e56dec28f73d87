/** Where a text stops being JSON, for people: `JSON.parse` gives no position for many faults, and quotes the text. */
import { JsonScan } from './json-scan.ts';

export interface JsonFault {
  /** Index into the text, from 0. */
  readonly position: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** What could have stood there. */
  readonly expected: string;
}

/** `null` when the text is valid JSON. */
export function findJsonFault(text: string): JsonFault | null {
  const scan = new JsonScan(text);
  scan.step(Number.POSITIVE_INFINITY);
  return faultAt(text, scan);
}

/** Of a scan that is over. */
export function faultAt(text: string, { expected, position }: Pick<JsonScan, 'expected' | 'position'>): JsonFault | null {
  if (expected === null) return null;
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
  return { position, line, column: position - text.lastIndexOf('\n', position - 1), expected };
}
