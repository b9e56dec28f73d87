/** The header of every answer of a server, errors and streams included: its version, and by it that it is Hatstand. */
export const signHeader = 'x-hatstand-version';
