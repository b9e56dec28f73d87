/** Headers that a job brings along: what every push holds them to, and so every record. */
import { HatstandError } from './errors.ts';
import { jobLimits } from './new-job.ts';

/** Of a header's name (RFC 9110 §5.1). */
export const headerNamePattern = "^[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$";
/** No control characters but tabs, above all no CR, LF and NUL, which would end the header and begin another (RFC 9110 §5.5). */
export const headerValuePattern = '^[^\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f]*$';

const headerName = new RegExp(headerNamePattern, 'u');
const headerValue = new RegExp(headerValuePattern, 'u');

export const isHeaderName = (name: string): boolean => headerName.test(name);
export const isHeaderValue = (value: string): boolean => headerValue.test(value);

/**
 * Throws `invalid_request` for headers that no push takes. Those that `/v1` reserves are not refused here: HQ takes them, and
 * they have no effect.
 */
export function checkHeaderFields(headers: Readonly<Record<string, string>>): void {
  const all = Object.entries(headers);
  const characters = all.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (all.length > jobLimits.headers || characters > jobLimits.headerBytes) {
    throw wrong(
      `headers may have ${jobLimits.headers} members with ${jobLimits.headerBytes} characters in all, these are ${all.length} with ${characters}.`,
    );
  }
  for (const [name, value] of all) {
    const told = JSON.stringify(name.slice(0, 100));
    if (!isHeaderName(name)) throw wrong(`The names of headers consist of letters, digits and dashes, and ${told} does not.`);
    if (!isHeaderValue(value)) throw wrong(`The value of the header ${told} must not have line breaks or other control characters.`);
  }
}

const wrong = (message: string): HatstandError => new HatstandError('invalid_request', message, { field: 'headers' });
