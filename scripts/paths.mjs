import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What can be made again: the Node that was brought, the build's memory, locks. */
export const cache = join(root, '.cache');
