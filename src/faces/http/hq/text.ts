/** JSON text as HQ (Go's encoder) writes it. */

const special = /["\\<>&\p{Cc}\p{Cs}\u2028\u2029]/u;
const htmlChar = /[<>&\u2028\u2029]/g;

const asEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A JSON string. */
export function quote(text: string): string {
  return special.test(text) ? escapeHtml(JSON.stringify(text)) : `"${text}"`;
}

/** The same JSON with `<`, `>` and `&`, which stand only inside strings, as escapes. */
export function escapeHtml(json: string): string {
  return json.replace(htmlChar, asEscape);
}

/** RFC 3339 in UTC, cut to milliseconds, without trailing zeros. */
export function timestamp(millis: number): string {
  return new Date(millis).toISOString().replace(/\.?0+Z$/, 'Z');
}
