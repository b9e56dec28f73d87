/** Sentinels say when they chose another master; the old one may go on taking writes that are lost, for seconds. */
import { parseRedisUrl, type RedisAddress, type RedisUrl } from '../../../core/redis-url.ts';
import type { Login } from './connection.ts';
import { Subscription } from './subscription.ts';

export interface SentinelWatch {
  readonly url: RedisUrl;
  /** At the sentinels. */
  readonly login: Login;
  /** The master is another one now. */
  readonly onSwitch: (address: RedisAddress) => void;
  /** A switch may have been missed. */
  readonly onGap: () => void;
}

/** Every sentinel is heard: one alone may be on the wrong side of a split. Answers how to stop. */
export function watchSentinels({ url, login, onSwitch, onGap }: SentinelWatch): () => void {
  const watches = url.hosts.map((host) => {
    return new Subscription({
      where: () => Promise.resolve(host),
      login,
      channel: '+switch-master',
      onMessage(message) {
        const address = newMaster(message, url.master ?? '');
        if (address !== null) onSwitch(address);
      },
      onGap,
    });
  });
  for (const watch of watches) watch.startLater();
  return () => {
    for (const watch of watches) watch.close();
  };
}

/** `name old-host old-port new-host new-port` */
function newMaster(message: string, name: string): RedisAddress | null {
  const [switched, , , host = '', port] = message.split(' ');
  const written = host.includes(':') ? `[${host}]` : host;
  return switched === name ? (parseRedisUrl(`redis://${written}:${port}`)?.hosts[0] ?? null) : null;
}
