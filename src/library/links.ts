/** How a Hatstand is linked to the others, from what its options say. */
import type { Linking } from '../linking.ts';
import type { Checked } from './option.ts';
import type { linkOptions } from './options.ts';

export const linkingOf = (given: false | Checked<typeof linkOptions> = {}): Linking | null =>
  given === false
    ? null
    : {
        ...{ host: given.host ?? null, port: given.port ?? 0, takeover: given.takeover ?? true },
        ...{ shareKey: given.shareKey ?? null, certificate: given.certificate ?? null },
      };
