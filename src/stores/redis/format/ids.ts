/** Job ids as they are kept: in 19 digits, so that their order as text is their order as numbers (ids.lua). */

/** Characters of an id as it is kept. */
export const idLength = 19;

export const paddedId = (id: string): string => id.padStart(idLength, '0');

/** The id as callers know it. */
export const plainId = (padded: string): string => (padded.charCodeAt(0) === 0x30 ? padded.replace(/^0+(?=\d)/, '') : padded);

/** The ids in a list of them. */
export const idsIn = (list: string): readonly string[] => list.split(' ').map(plainId);
