/** What a function writes with its logger, as a line that can be kept. Whatever it is, nothing is thrown here. */
import { messageOf } from '../core/errors.ts';
import { type LogLevel, type LogText, logText } from '../core/report.ts';

/** Facts that make no JSON are left out, and the text says so. */
export function lineOf(level: LogLevel, text: unknown, fields: unknown): LogText {
  const told = messageOf(text);
  if (fields === undefined || fields === null) return logText(level, told, null);
  try {
    const facts: string | undefined = JSON.stringify(fields, plain);
    return logText(level, told, facts === undefined || facts === '{}' ? null : facts);
  } catch (error) {
    return logText(level, `${told} … without its fields, which are no JSON: ${messageOf(error).slice(0, longestReason)}`, null);
  }
}

const longestReason = 256;

/** JSON knows neither, and both are often among facts. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error ? { message: messageOf(value), stack: value.stack } : value;
}
