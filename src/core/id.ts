/**
 * Job ids: HQ's snowflakes (go-katsubushi): 42 bits of milliseconds since the epoch, 10 bits of server id, 12 bits of
 * sequence. Outside they are decimal strings; a JavaScript number would lose digits.
 */

/** HQ's default epoch, 2019-01-01T00:00:00Z, as Unix milliseconds. */
export const idEpoch = 1_546_300_800_000;
export const maxServerId = 1023;

export type JobId = string;

const serverBits = 10n;
const sequenceBits = 12n;
const timeShift = serverBits + sequenceBits;
const sequenceMask = (1n << sequenceBits) - 1n;
const longestId = String((1n << 63n) - 1n);

export interface IdSource {
  /** @param now Unix milliseconds */
  next(now: number): JobId;
  /** The greatest one so far. */
  last(): JobId;
  /** This id was made elsewhere: all further ones are greater, unless it is beyond `furthestId`, where none is made. */
  pass(id: JobId): void;
}

/**
 * Hands out strictly rising ids. It never repeats one although the clock steps back or the sequence runs out: it then
 * goes on from the last id, ahead of the clock.
 *
 * @param last the greatest id ever handed out, `0` when there is none
 */
export function makeIdSource(serverId: number, last: JobId = '0'): IdSource {
  const server = BigInt(serverId) << sequenceBits;
  let millis = 0;
  let sequence = -1n;
  let newest = '0';

  function pass(id: JobId): void {
    if (compareIds(id, newest) <= 0 || compareIds(id, furthestId) > 0) return;
    newest = id;
    millis = Number(BigInt(id) >> timeShift);
    // It may be of another server id: starting at its sequence's end moves on to the next millisecond.
    sequence = sequenceMask;
  }

  pass(last);
  return {
    pass,
    next(now) {
      const wanted = Math.floor(now) - idEpoch;
      if (wanted > millis) {
        millis = wanted;
        sequence = -1n;
      } else if (sequence === sequenceMask) {
        millis += 1;
        sequence = -1n;
      }
      sequence += 1n;
      newest = ((BigInt(millis) << timeShift) | server | sequence).toString();
      return newest;
    },
    last: () => newest,
  };
}

/**
 * In 2078, ten years before the last millisecond that an id can say, which has 63 bits: what is kept beyond was damaged, and what is kept
 * before leaves room for more.
 */
export const furthestId: JobId = String((2n ** 41n - 1n - 315_576_000_000n) << timeShift);

const timeUnit = 2 ** Number(timeShift);
const lowDigits = 9;
const lowBase = 10 ** lowDigits;

/** When the id was made, in Unix milliseconds: HQ shows it as createdAt. */
export function timeOfId(id: JobId): number {
  // Divided in two steps whose numbers are exact: for many jobs, a BigInt for each takes long.
  const high = Number(id.slice(0, -lowDigits));
  const low = Number(id.slice(-lowDigits));
  const rest = high % timeUnit;
  return ((high - rest) / timeUnit) * lowBase + Math.floor((rest * lowBase + low) / timeUnit) + idEpoch;
}

/** The server id that is part of it. */
export const serverOfId = (id: JobId): number => Number((BigInt(id) >> sequenceBits) & BigInt(maxServerId));

/** Whether the text is an unsigned decimal without leading zeros that a store can hold (63 bits). */
export function isJobId(text: string): boolean {
  // Of as many digits, the greater number is the greater text.
  return /^(?:0|[1-9]\d{0,18})$/.test(text) && (text.length < longestId.length || text <= longestId);
}

/** Orders ids as numbers without making numbers of them. */
export function compareIds(a: JobId, b: JobId): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * The fence of a new attempt. It follows the store's clock, so that it is greater than any earlier one, also when a failover
 * has forgotten the claim that gave that one.
 */
export function nextFence(last: string, nowMicros: number): string {
  const now = String(Math.floor(nowMicros));
  return compareIds(last, now) < 0 ? now : (BigInt(last) + 1n).toString();
}
