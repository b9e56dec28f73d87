/** The log of a job as JSON. Written by hand: fields and progress go in as the texts that they are. */
import type { LogLine, LogPlace, Progress } from '../../../core/report.ts';
import type { JobLog } from '../../../engine/api/log.ts';

const placeText = ({ fence, number }: LogPlace): string => `${fence}.${number}`;

/** @param text as the schema has it */
export function readPlace(text: string): LogPlace {
  const [fence = '0', number = '0'] = text.split('.');
  return { fence, number: Number(number) };
}

/** Members of an object. */
export const progressMembers = (progress: Progress | null): string =>
  `"progress":${progress?.value ?? 'null'},"progressAt":${progress === null ? 'null' : JSON.stringify(isoTime(progress.at))}`;

const isoTime = (millis: number): string => new Date(millis).toISOString();

function lineJson({ fence, number, at, level, text, fields }: LogLine): string {
  const plain = JSON.stringify({ fence, number, at: isoTime(at), level, text });
  return `${plain.slice(0, -1)},"fields":${fields ?? 'null'}}`;
}

/** The schema `LogPage`. */
export function logJson({ lines, more, dropped, state, progress }: JobLog, after: LogPlace | null): string {
  const last = lines.at(-1) ?? after;
  const next = last === null ? 'null' : JSON.stringify(placeText(last));
  const rest = `"next":${next},"more":${more},"dropped":${dropped},"state":${JSON.stringify(state)},${progressMembers(progress)}`;
  return `{"lines":[${lines.map(lineJson).join(',')}],${rest}}`;
}
