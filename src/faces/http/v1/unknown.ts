/** Addresses and methods that `/v1` does not have. */
import type { FastifyInstance } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { nearest } from '../../../core/nearest.ts';
import { shownTarget } from '../../../core/secret.ts';
import { quoted } from './body.ts';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** At most so much of an address is compared. */
const longestCompared = 64;
/** The words of an address, each in its place: what stands where an id or a name does is a star. */
const withoutIds = (path: string): string => path.replace(/:\w+|(?<=^\w+\/)[^/]+/g, '*').slice(0, longestCompared);

/** Answers 405 with `Allow` where another method is known, else 404. Comes before the routes, whose addresses it collects. */
export function answerUnknown(app: FastifyInstance): void {
  const known = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    const path = known.get(url) ?? { pattern: new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`), methods: new Set() };
    for (const each of [method].flat()) path.methods.add(each);
    known.set(url, path);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [...known.values()].flatMap((each) => (each.pattern.test(path) ? [...each.methods] : []));
    if (methods.length === 0) {
      const behind = app.prefix.length + 1;
      const near = nearest(
        withoutIds(path.slice(behind)),
        [...known.keys()].map((url) => withoutIds(url.slice(behind))),
      );
      const meant = near === null ? '.' : `; did you mean ${app.prefix}/${near}?`;
      throw new HatstandError('not_found', `There is nothing at ${quoted(path)}${meant} ${app.prefix}/openapi.json lists what there is.`);
    }
    reply.header('allow', methods.join(', '));
    throw new HatstandError('method_not_allowed', `${shownTarget(path)} knows ${methods.join(', ')}, not ${request.method}.`);
  });
}
