/** A job as HQ's clients write it, as a line for `/v1`, where many jobs travel in one request. */
import { findMember } from '../../core/json.ts';

const known = new Set(['url', 'name', 'comment', 'payload', 'headers', 'timeout']);

/**
 * `null` for what HQ's own endpoint must judge: unknown or oddly written keys, values of another type, payloads over
 * several lines. `value` is what `text` means.
 */
export function hqBatchLine(text: string, value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const job: Readonly<Record<string, unknown>> = { ...value };
  if (Object.keys(job).some((key) => !known.has(key))) return null;
  const { url, name = '', comment = '', headers = null, timeout = 0 } = job;
  if (typeof url !== 'string' || url === '' || typeof comment !== 'string' || typeof name !== 'string') return null;
  if (!isHeaders(headers) || !Number.isSafeInteger(timeout)) return null;
  const payload = payloadOf(text);
  if (/[\r\n]/.test(payload)) return null;
  const fields = {
    rules: 'hq',
    url,
    name: name === '' ? 'default' : name,
    comment,
    ...(headers === null ? {} : { headers }),
    ...(Number(timeout) > 0 ? { timeout: `${Number(timeout)}s` } : {}),
  };
  const line = JSON.stringify(fields);
  return payload === '' ? line : `${line.slice(0, -1)},"payload":${payload}}`;
}

/** Its bytes as they came; empty when there is none. */
function payloadOf(text: string): string {
  const span = findMember(text, (key) => key === 'payload');
  const payload = span === null ? '' : text.slice(span.start, span.end);
  return payload === 'null' ? '' : payload;
}

function isHeaders(headers: unknown): headers is Readonly<Record<string, string>> | null {
  if (headers === null) return true;
  return typeof headers === 'object' && !Array.isArray(headers) && Object.values(headers).every((value) => typeof value === 'string');
}
