/** Settings that are each right and do not go together. */
import { parseRedisUrl } from '../core/redis-url.ts';
import { keys } from './keys.ts';
import type { Settings } from './settings.ts';

export function contradictions(settings: Settings): readonly string[] {
  const { store, ephemeral, storeTlsCert, storeTlsKey, linkCert, linkKey } = settings;
  return [
    ...(store === null ? withoutStore(settings) : []),
    ...(store !== null && ephemeral
      ? ['ephemeral removes the file of the embedded store at the end: leave it out, or leave store empty']
      : []),
    ...((storeTlsCert === null) === (storeTlsKey === null) ? [] : ['store_tls_cert and store_tls_key must be set together']),
    ...((linkCert === null) === (linkKey === null) ? [] : ['link_cert and link_key must be set together']),
    ...atSentinels(settings),
  ];
}

function atSentinels({ store, storeSentinelUsername, storeSentinelPassword }: Settings): readonly string[] {
  if (storeSentinelUsername === null && storeSentinelPassword === null) return [];
  const isAsked = store !== null && parseRedisUrl(store)?.kind === 'sentinel';
  return [
    ...(isAsked
      ? []
      : ['store_sentinel_username and store_sentinel_password are for a store redis+sentinel://…: set such a store, or leave them out']),
    ...(storeSentinelPassword === null ? ['store_sentinel_username goes with store_sentinel_password: set both, or leave it out'] : []),
  ];
}

/** Whoever sets one of these wants a node of a cluster; without `store` it would be a single node on a file of its own. */
function withoutStore({ durability, clusterName, storeUsername, storePassword, storeTlsCa, storeTlsCert }: Settings): readonly string[] {
  const login = storeUsername !== null || storePassword !== null;
  const tls = storeTlsCa !== null || storeTlsCert !== null;
  return [
    ...(durability === null ? [] : [`durability ${durability} is for a Redis store: ${orNone}`]),
    ...(clusterName === keys.clusterName.default ? [] : [`cluster_name ${clusterName} is for nodes on one Redis: ${orNone}`]),
    ...(login ? [`store_username and store_password are for a Redis store: ${orNone}`] : []),
    ...(tls ? [`store_tls_ca, store_tls_cert and store_tls_key are for a Redis store: ${orNone}`] : []),
  ];
}

const orNone = 'set store, or leave this out for the embedded store';
