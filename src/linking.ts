/** How the nodes of a process link to the others of their cluster: where they listen, and what they must have. */
import { hostname } from 'node:os';
import type { LinkOptions } from './links/index.ts';
import type { Links } from './ports/links.ts';
import type { Logger } from './ports/logger.ts';
import type { Store } from './ports/store/store.ts';

export interface Linking {
  /** `null`: the address by which this machine reaches the store. */
  readonly host: string | null;
  /** 0: any free one. */
  readonly port: number;
  readonly takeover: boolean;
  /** `null`: the cluster's own. */
  readonly shareKey: string | null;
  /** Paths of PEM files; `null`: each start makes its own. */
  readonly certificate: LinkOptions['certificate'];
}

const anyAddress = ['0.0.0.0', '::'];

/** `undefined`: there is nobody to link to. */
export function linksOf(store: Store, linking: Linking | null, log: Logger): (() => Promise<Links>) | undefined {
  const host = linking === null ? null : (linking.host ?? store.reachedFrom);
  if (linking === null || host === null || store.reachedFrom === null) return undefined;
  const { port, takeover, shareKey, certificate } = linking;
  const reachedAt = anyAddress.includes(host) ? hostname() : host;
  const isChosen = linking.host !== null || port !== 0;
  const options: LinkOptions = { host, port, isChosen, reachedAt, takeover, shareKey, certificate, log };
  // Loaded here, so that who keeps everything in a file does not wait for it.
  return async () => (await import('./links/index.ts')).makeLinks(options);
}
