/** Names under which a server may be reached, as whoever runs it writes them. */

/** With or without a scheme and a port. */
export const isHostName = (name: string): boolean => /^(https?:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:\d{1,5})?$/i.test(name);

/** Completes "must be". */
export const hostNamesExpected = 'a list of host names, with or without a scheme and a port';
