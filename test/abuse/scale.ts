/** How much of each attack runs: a little in the ordinary test run, all of it by `npm run test:abuse`. */
export const isWhole = process.env['HATSTAND_ABUSE'] === 'whole';

export const scaled = (little: number, whole: number): number => (isWhole ? whole : little);
