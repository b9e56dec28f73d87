/** What a server says, in the words of the command line: a server speaks of its API. */
import type { HatstandError } from '../../core/errors.ts';

const replaced: readonly (readonly [theirs: string, ours: string])[] = [
  ['GET /v1/nodes', '`hatstand nodes`'],
  ['send {"copy":true}', 'give --copy'],
];

const giveToken = 'The command line is given it by --token, or by HATSTAND_TOKEN.';
const otherApi = 'That server has no /v1. Is it an HQ of its own? `hatstand hq` asks such a server.';

export function messageInWords({ code, message }: Pick<HatstandError, 'code' | 'message'>): string {
  if (code === 'unauthorized') return `${message} ${giveToken}`;
  if (code === 'not_found' && message === 'Not Found') return otherApi;
  return replaced.reduce((text, [theirs, ours]) => text.replaceAll(theirs, ours), message);
}
