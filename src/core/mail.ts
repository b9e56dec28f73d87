/** Control messages of tasks, as definitions: in the group of their task, in the order of their versions, gone once they are handled. */
import { type Definition, type DefinitionKey, definitionLimits } from './definition.ts';
import { HatstandError } from './errors.ts';
import { fieldsOf, isTextOrNull, wrong } from './kept-fields.ts';
import { checkName } from './new-job.ts';
import { isJson } from './record.ts';
import type { TaskRef } from './task.ts';

export const mailLimits = {
  /** Characters of JSON. */
  data: 16_384,
  /** That wait for one task, about. */
  waiting: 1_000,
} as const;

export interface MailText {
  readonly name: string;
  /** JSON text; `null`: none. */
  readonly data: string | null;
}

/** @param unique what no other one has */
export const mailKeyOf = ({ domain, id }: TaskRef, unique: string): DefinitionKey => ({ kind: 'mail', domain, key: `${id}/${unique}` });

/** The task that it is for. */
export function taskOfMail({ domain, key }: DefinitionKey): TaskRef {
  const at = key.indexOf('/');
  return { domain, id: at < 0 ? key : key.slice(0, at) };
}

export const writeMail = (mail: MailText): string => JSON.stringify(mail);

/** Throws for what is no control message. */
export function readMail(body: string | null): MailText {
  const { name, data } = fieldsOf(body === null ? null : JSON.parse(body), 'body');
  if (typeof name !== 'string') throw wrong('name', 'a text');
  if (!isTextOrNull(data)) throw wrong('data', 'JSON text or null');
  if (typeof data === 'string') JSON.parse(data);
  return { name, data: data as string | null };
}

/** In the order in which they came. */
export const inOrder = (mails: readonly Definition[]): readonly Definition[] => mails.toSorted((a, b) => a.version - b.version);

/** Throws `invalid_request` or `too_large` for what no task can be told. */
export function checkMail({ name, data }: MailText): void {
  checkName(name, 'name');
  if (data !== null && data.length > mailLimits.data) {
    throw new HatstandError(
      'too_large',
      `The data of a control message may have ${mailLimits.data} characters of JSON, these have ${data.length}.`,
      {
        field: 'data',
        limit: mailLimits.data,
      },
    );
  }
}

/** Characters of JSON. */
export const checkpointLimit: number = Math.min(1024 * 1024, definitionLimits.body);

/** Throws `too_large`. */
export function checkCheckpoint(value: string): void {
  if (value.length <= checkpointLimit) return;
  throw new HatstandError('too_large', `A checkpoint may have ${checkpointLimit} characters of JSON, this one has ${value.length}.`, {
    field: 'checkpoint',
    limit: checkpointLimit,
  });
}

/** Throws for what is no checkpoint. */
export function readCheckpoint(body: string | null): string {
  if (body === null || !isJson(body)) throw wrong('body', 'JSON text');
  return body;
}
