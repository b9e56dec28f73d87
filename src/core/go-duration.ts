/** Durations as Go prints them (`time.Duration.String`): HQ's access log and its list of jobs show them so. */

const second = 1_000_000_000;

/** `59ms`, `1.5s`, `1h0m5s`; the argument is in nanoseconds and is cut to whole ones. */
export function goDuration(nanos: number): string {
  const whole = Math.trunc(Math.abs(nanos));
  const sign = nanos < 0 && whole > 0 ? '-' : '';
  if (whole === 0) return '0s';
  if (whole < 1_000) return `${sign}${whole}ns`;
  if (whole < 1_000_000) return `${sign}${fraction(whole, 1_000)}µs`;
  if (whole < second) return `${sign}${fraction(whole, 1_000_000)}ms`;
  const hours = Math.floor(whole / (3_600 * second));
  const minutes = Math.floor(whole / (60 * second)) % 60;
  const seconds = fraction(whole % (60 * second), second);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

/** The quotient with all its decimals and no trailing zeros; exact, unlike a division of numbers. */
function fraction(value: number, unit: number): string {
  const digits = String(unit).length - 1;
  const decimals = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return `${Math.floor(value / unit)}${decimals === '' ? '' : `.${decimals}`}`;
}
