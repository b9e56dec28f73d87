/** What is right by itself and wrong together. */
import type { Settings } from './settings.ts';

export function contradictions({ store, durability, storeTlsCert, storeTlsKey }: Settings): readonly string[] {
  return [
    ...(store === null && durability !== null
      ? [`durability ${durability} is what a Redis store may give: set store, or leave durability empty for the embedded store`]
      : []),
    ...((storeTlsCert === null) === (storeTlsKey === null) ? [] : ['store_tls_cert and store_tls_key must be set together']),
  ];
}
