/** Users and passwords in URLs, kept out of messages. */

/** A URL that may not be right: a password may stand before an `@`, where a port should be, or behind a `?` or `#`. */
export function hideLogin(written: string): string {
  return written
    .replace(/^([a-z+]*:\/\/)?.*@/is, '$1…@')
    .replace(/([?#]).*/s, '$1…')
    .replace(/:(?!\/\/|\d{1,5}(?:[,/?#]|$))[^,/@?#]*/g, ':…');
}

/** Text with URLs in it: what stands between the first scheme and the last `@` is hidden, since a password may hold anything. */
export function hideLogins(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/).*@/is, '$1…@');
}
