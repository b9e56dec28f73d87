// Loaded into a server and its threads by NODE_OPTIONS: the wall clock of its machine is as many milliseconds ahead as the file
// HATSTAND_TEST_CLOCK says, which may change while the server runs. The monotonic clock is as it is.
const { readFileSync } = require('node:fs');

const RealDate = Date;
const lookEvery = 20;
let ahead = 0;
let lookedAt = Number.NEGATIVE_INFINITY;

function now() {
  if (performance.now() - lookedAt > lookEvery) {
    lookedAt = performance.now();
    ahead = Number(readFileSync(process.env.HATSTAND_TEST_CLOCK, 'utf8'));
  }
  return RealDate.now() + ahead;
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }
  static now() {
    return now();
  }
};
