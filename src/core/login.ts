/** Users and passwords in URLs, kept out of messages. */

/**
 * The URL without what may be a password: before an `@`, where a port should be, or behind a `?` or `#`. It need not be a
 * valid URL.
 */
export function hideLogin(written: string): string {
  return written
    .replace(/^([a-z+]*:\/\/)?.*@/is, '$1…@')
    .replace(/([?#]).*/s, '$1…')
    .replace(/:(?!\/\/|\d{1,5}(?:[,/?#]|$))[^,/@?#]*/g, ':…');
}

/** The text without what stands between its first scheme and its last `@`, since a password may hold anything. */
export function hideLogins(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/).*@/is, '$1…@');
}
