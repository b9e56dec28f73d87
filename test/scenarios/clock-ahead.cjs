// Loaded into a server and its threads by NODE_OPTIONS: the wall clock of its machine is HATSTAND_TEST_CLOCK_AHEAD
// milliseconds ahead. The monotonic clock is as it is.
const ahead = Number(process.env.HATSTAND_TEST_CLOCK_AHEAD);
const RealDate = Date;
const now = () => RealDate.now() + ahead;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }
  static now() {
    return now();
  }
};
