/** Why an attempt failed, in one word of a fixed set, for machines and for filters; its error says the same as a sentence. */

/** What each word means, as `/v1` documents it. A word never changes its meaning. */
export const causeMeanings = {
  refused: 'nobody listened at the address',
  unreachable: 'no connection came about: no route, or none in time',
  dns: 'the name of its host could not be resolved',
  tls: 'no TLS could be agreed on, or the certificate is not valid',
  reset: 'the connection broke before the answer was complete',
  timeout: 'it was not done within its timeout',
  malformed: 'what came is no HTTP answer',
  unavailable: 'the answer was 502, 503 or 504, which tell of a web app that is away',
  answer: 'the web app answered, and with no success',
  unsendable: 'no request can be made of its URL or headers',
  thrown: 'the function threw',
  message: 'its message is not what its worker takes',
  canceled: 'it was told to stop',
  lost: 'its holder was lost',
} as const satisfies Record<string, string>;

export type FailureCause = keyof typeof causeMeanings;

/** All words. */
export const failureCauses: readonly FailureCause[] = Object.keys(causeMeanings).filter(isFailureCause);

export function isFailureCause(word: string): word is FailureCause {
  return Object.hasOwn(causeMeanings, word);
}

/** Nothing was sent, so the web app has not seen the attempt. */
export const sentNothing = (cause: FailureCause | null): boolean =>
  cause === 'refused' || cause === 'unreachable' || cause === 'dns' || cause === 'tls';

/** The web app may be away, as opposed to one that answers with a failure or takes too long. */
export const tellsOfAbsence = (cause: FailureCause | null): boolean => sentNothing(cause) || cause === 'reset' || cause === 'unavailable';
