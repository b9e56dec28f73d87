import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HatstandError } from '../errors.ts';
import { parseFields, readCronText } from './cron.ts';
import { valuesOf } from './cron-field.ts';

/** The message and the position of what is refused. */
function fault(text: string): readonly [string, unknown] {
  try {
    return [`read as ${JSON.stringify(readCronText(text))}`, null];
  } catch (error) {
    if (!(error instanceof HatstandError) || error.code !== 'malformed_trigger') throw error;
    return [error.message, error.details['position']];
  }
}

const fieldsOf = (text: string) => parseFields(readCronText(text).fields ?? '');

describe('a cron expression', () => {
  it.each([
    ['*', [0, 1, 2, 3, 4, 5, 6]],
    ['?', [0, 1, 2, 3, 4, 5, 6]],
    ['1', [1]],
    ['7', [0]],
    ['0-7', [0, 1, 2, 3, 4, 5, 6]],
    ['5-7', [0, 5, 6]],
    ['7,1', [0, 1]],
    ['mon', [1]],
    ['Mon-FRI', [1, 2, 3, 4, 5]],
    ['SUN,sat', [0, 6]],
    ['*/2', [0, 2, 4, 6]],
    ['?/3', [0, 3, 6]],
    ['1/2', [1, 3, 5]],
    ['tue/2', [2, 4, 6]],
    ['7/3', [0, 3, 6]],
    ['1-5/2', [1, 3, 5]],
    ['1-5/2,2', [1, 2, 3, 5]],
    ['2/100', [2]],
    ['03', [3]],
  ])('reads the weekdays %s', (field, values) => {
    expect(valuesOf(fieldsOf(`0 0 0 * * ${field}`).weekdays)).toEqual(values);
  });

  it.each([
    ['40/7', [40, 47, 54]],
    ['0,31,32,59', [0, 31, 32, 59]],
    ['29-35', [29, 30, 31, 32, 33, 34, 35]],
    ['*/25', [0, 25, 50]],
  ])('reads the minutes %s', (field, values) => {
    expect(valuesOf(fieldsOf(`0 ${field} 0 * * *`).minutes)).toEqual(values);
  });

  it('reads names of months in any case', () => {
    expect(valuesOf(fieldsOf('0 0 0 1 jan,Mar-MAY *').months)).toEqual([1, 3, 4, 5]);
  });

  it.each([
    ['30 8 * * 1-5', '0 30 8 * * 1-5'],
    ['  0   30\t8 * *  1-5 ', '0 30 8 * * 1-5'],
    ['@yearly', '0 0 0 1 1 *'],
    ['@annually', '0 0 0 1 1 *'],
    ['@monthly', '0 0 0 1 * *'],
    ['@weekly', '0 0 0 * * 0'],
    ['@daily', '0 0 0 * * *'],
    ['@midnight', '0 0 0 * * *'],
    ['@hourly', '0 0 * * * *'],
  ])('keeps %j as %j', (text, fields) => {
    expect(readCronText(text)).toEqual({ fields, every: null, timeZone: null });
  });

  it.each([
    ['TZ=Europe/Berlin 0 0 * * *', 'Europe/Berlin', '0 0 0 * * *'],
    ['CRON_TZ=Asia/Kathmandu 1 2 3 * * *', 'Asia/Kathmandu', '1 2 3 * * *'],
    ['TZ=UTC @daily', 'UTC', '0 0 0 * * *'],
    ['TZ=US/Pacific @hourly', 'US/Pacific', '0 0 * * * *'],
  ])('reads the time zone of %j', (text, timeZone, fields) => {
    expect(readCronText(text)).toEqual({ fields, every: null, timeZone });
  });

  it('reads @every with a length of time', () => {
    expect(readCronText('@every 1h30m')).toEqual({ fields: null, every: 5_400_000, timeZone: null });
  });

  it.each([
    ['', 0, 'this one is empty'],
    ['   ', 0, 'this one is empty'],
    ['* * * *', 6, 'this one has 4'],
    ['* * * * * * *', 12, 'this one has 7; there is none for years'],
    ['0 0 25 * * *', 4, 'field 3 (hours): 25 is above 23'],
    ['0 25 * * *', 2, 'field 2 (hours): 25 is above 23'],
    ['60 * * * * *', 0, 'field 1 (seconds): 60 is above 59'],
    ['* * * 0 * *', 6, 'field 4 (day of the month): 0 is below 1'],
    ['* * * * 13 *', 8, 'field 5 (month): 13 is above 12'],
    ['* * * * * 8', 10, 'field 6 (day of the week): 8 is above 7'],
    ['* * * * * 1,', 12, 'an item of the list is empty'],
    [', * * * * *', 0, 'an item of the list is empty'],
    ['0 1,,2 * * * *', 4, 'an item of the list is empty'],
    ['*/0 * * * * *', 2, 'a step of 0'],
    ['0 1-5/0 * * * *', 6, 'a step of 0'],
    ['*/ * * * * *', 2, 'a step is a whole number'],
    ['*/-1 * * * * *', 2, 'a step is a whole number'],
    ['*/2/3 * * * * *', 2, 'a step is a whole number'],
    ['0 5-1 * * * *', 2, 'the range 5-1 is reversed'],
    ['0 0 0 * * FRI-MON', 10, 'the range FRI-MON is reversed'],
    ['0 -5 * * * *', 2, 'a number is missing'],
    ['0 5- * * * *', 4, 'a number is missing'],
    ['0 1-2-3 * * * *', 4, 'expected a number from 0 to 59, not "2-3"'],
    ['0 *-5 * * * *', 2, 'expected a number'],
    ['0 0 0 * * MOM', 10, 'did you mean MON?'],
    ['0 0 0 L * *', 6, 'expected a number from 1 to 31, not "L"'],
    ['0 0 0 * * 1#2', 10, 'expected a number'],
    ['0 1.5 * * * *', 2, 'expected a number'],
    ['0 999999999999999999999 * * * *', 2, 'is above 59'],
    ['0 0 0 31 2 *', 6, 'never fires'],
    ['0 0 0 30 FEB ?', 6, 'never fires'],
    ['0 0 31 4,6,9,11 *', 4, 'never fires'],
    ['TZ=x', 3, 'no time zone "x"'],
    ['TZ=Europe/Berlin', 16, 'a cron expression is expected'],
    ['TZ= * * * * *', 3, 'a time zone is expected'],
    ['CRON_TZ=Europe/Berln * * * * *', 8, 'did you mean Europe/Berlin?'],
    ['TZ=+02:00 * * * * *', 3, 'no time zone "+02:00"'],
    ['TZ=Local * * * * *', 3, 'no time zone "Local"'],
    ['@dayly', 0, 'did you mean @daily?'],
    ['@reboot', 0, 'no descriptor "@reboot"'],
    ['@daily 5', 7, 'Nothing may stand behind @daily'],
    ['@every', 6, 'A length of time is expected'],
    ['@every 500ms', 7, 'The shortest interval is 1s'],
    ['@every 1x', 7, 'A length of time is expected'],
  ])('refuses %j at %i: %s', (text, position, reason) => {
    const [message, at] = fault(text);
    expect(message).toContain(reason);
    expect(message).toMatch(/[^?.][.?]$/);
    expect(at).toBe(position);
  });

  it('allows a day that either field allows only if both restrict', () => {
    expect(fieldsOf('0 0 0 13 * FRI').eitherDay).toBe(true);
    expect(fieldsOf('0 0 0 */2 * FRI').eitherDay).toBe(true);
    expect(fieldsOf('0 0 0 *,13 * FRI').eitherDay).toBe(false);
    expect(fieldsOf('0 0 0 ? * FRI').eitherDay).toBe(false);
    expect(fieldsOf('0 0 0 13 * *').eitherDay).toBe(false);
    expect(fieldsOf('0 0 0 31 2 FRI').eitherDay).toBe(true);
  });

  it.each([
    ['0 30 2 * * *', true],
    ['* 30 2 * * *', true],
    ['0 0,30 1-5 * * *', true],
    ['0 30 * * * *', false],
    ['0 */5 2 * * *', false],
    ['0 30 2/1 * * *', false],
    ['0 30 0-23 * * *', false],
    ['0 ? 2 * * *', false],
  ])('%s has fixed times: %s', (text, expected) => {
    expect(fieldsOf(text).hasFixedTimes).toBe(expected);
  });

  it('is read or refused whatever it is', () => {
    const piece = fc.constantFrom(...'0 1 5 7 59 60 * ? / - , MON jan @every @daily TZ= UTC 1h L # \t'.split(' '), ' ', ' ', '\n');
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 24 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        const [message, position] = fault(any);
        expect(message.startsWith('read as ') || (typeof position === 'number' && position >= 0 && position <= any.length)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same expression when it is read again', () => {
    const value = fc.integer({ min: 1, max: 7 });
    const field = fc.oneof(
      fc.constant('*'),
      value.map(String),
      fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}/2`),
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 5, maxLength: 6 }), (fields) => {
        const { fields: kept } = readCronText(fields.join('  '));
        expect(readCronText(kept ?? '').fields).toBe(kept);
      }),
    );
  });
});
