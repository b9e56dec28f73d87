/**
 * Whether a call of a webhook comes from somebody who knows its secret: as the Standard Webhooks specification has it
 * (`webhook-id`, `webhook-timestamp`, `webhook-signature`), or as GitHub signs (`x-hub-signature-256`), which says nothing of when.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';

/** What was signed longer ago, or further in the future, may be somebody who repeats what he heard. */
const tolerance: Millis = 300_000;

/** Throws `unauthorized`. `now` in Unix milliseconds. */
export function checkSignature(headers: IncomingHttpHeaders, body: Buffer, secret: string, now: number): void {
  const { 'x-hub-signature-256': github, 'webhook-signature': signed } = headers;
  if (typeof signed === 'string') checkStandard(headers, signed, body, secret, now);
  else if (typeof github === 'string') checkGithub(github, body, secret);
  else
    throw refused(
      'Calls of this webhook are signed: send webhook-id, webhook-timestamp and webhook-signature (standardwebhooks.com), or x-hub-signature-256.',
    );
}

function checkGithub(signed: string, body: Buffer, secret: string): void {
  const wanted = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  if (!areEqual(signed, wanted)) throw refused('x-hub-signature-256 is not that of this body under the secret of this webhook.');
}

function checkStandard(headers: IncomingHttpHeaders, signed: string, body: Buffer, secret: string, now: number): void {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) {
    throw refused('webhook-signature needs webhook-id and webhook-timestamp, a Unix time in seconds, beside it.');
  }
  if (Math.abs(now - Number(timestamp) * 1_000) > tolerance) {
    throw refused(`webhook-timestamp is more than ${tolerance / 60_000} minutes away from the time of this server.`);
  }
  const wanted = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const isSigned = signed.split(' ').some((each) => areEqual(each, `v1,${wanted}`));
  if (!isSigned) throw refused('webhook-signature has no v1 signature of this call under the secret of this webhook.');
}

/** Standard Webhooks writes secrets in base64, behind `whsec_`. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);

function areEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const refused = (message: string): HatstandError => new HatstandError('unauthorized', message);
