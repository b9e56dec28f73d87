/** How much of each scenario runs: a little in the ordinary test run, all of it by `npm run test:faults`. */
export const isWhole = process.env['HATSTAND_FAULTS'] === 'whole';

export const scaled = (little: number, whole: number): number => (isWhole ? whole : little);
