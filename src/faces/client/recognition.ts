/** Whether it is Hatstand that answers: any web app answers something, and most say 200 to everything. */
import { signHeader } from '../../core/sign.ts';
import { faultOfGateway, faultOfStranger } from './fault.ts';

/** Throws a HatstandError for an answer that no Hatstand gave. */
export type Recognition = (answer: Response, safe: boolean, signal: AbortSignal) => Promise<void>;

/** What proxies say in the place of a server that they cannot reach. */
const ofGateways: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * HQ's own server signs nothing, and a proxy may drop what it does not know or refuse by itself: then the root is asked
 * once, which is signed, or tells the version in HQ's form.
 */
export function makeRecognition(address: string, askRoot: (signal: AbortSignal) => Promise<Response>): Recognition {
  let known = false;
  return async (answer, safe, signal) => {
    if (answer.headers.has(signHeader)) return;
    if (ofGateways.has(answer.status)) throw faultOfGateway(answer.status, address, safe);
    known ||= await isOurs(await askRoot(signal));
    if (!known) throw faultOfStranger(answer.status, address);
  };
}

async function isOurs(answer: Response): Promise<boolean> {
  const text = await answer.text();
  if (answer.headers.has(signHeader)) return true;
  try {
    const { version, commitHash } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    return typeof version === 'string' && typeof commitHash === 'string';
  } catch {
    return false;
  }
}
