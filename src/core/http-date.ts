/** Dates of HTTP (RFC 9110 §5.6.7): the form of today, and the two obsolete ones that a recipient must read too. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const short = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const long = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';

const forms: readonly RegExp[] = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${short}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${long}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^${short} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * Unix milliseconds; `null`: it is no HTTP date. The name of the day is not compared with the date.
 *
 * @param now a year of two digits that seems to be more than 50 years ahead of it is one of the past
 */
export function parseHttpDate(text: string, now: number): number | null {
  for (const form of forms) {
    const found = form.exec(text)?.groups;
    if (found !== undefined) return timeOf(found, now);
  }
  return null;
}

function timeOf(found: Readonly<Record<string, string | undefined>>, now: number): number | null {
  const part = (name: string): number => Number(found[name]);
  const [day, hour, minute, second] = [part('day'), part('hour'), part('minute'), part('second')];
  const year = part('year') < 100 ? fullYear(part('year'), now) : part('year');
  // A leap second is one more than the last of its minute.
  if (hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, months.indexOf(String(found['month'])), day);
  if (date.getUTCDate() !== day) return null;
  return date.setUTCHours(hour, minute, second);
}

function fullYear(ofTwoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + ofTwoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
