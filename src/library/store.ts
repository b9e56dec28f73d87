/** A store as the library shows it. */
import type { Store as StorePort } from '../ports/store/store.ts';

/** Where jobs are kept, once it is open. Hand it to a Hatstand, which alone knows what is in it. */
export interface Store extends Pick<StorePort, 'durability' | 'location' | 'warnings' | 'close'> {}
