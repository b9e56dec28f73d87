/** The calls that the reader threads answer, in the order of their codes. */
export const readNames = ['get', 'attempts', 'events', 'list'] as const;
export type ReadName = (typeof readNames)[number];

export const readCodeOf = (name: ReadName): number => readNames.indexOf(name);
