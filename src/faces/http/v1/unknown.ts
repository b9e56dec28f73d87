/** Addresses and methods that `/v1` does not have. */
import type { FastifyInstance } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import { quoted } from './body.ts';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

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
      throw new HatstandError('not_found', `There is nothing at ${quoted(path)}. ${app.prefix}/openapi.json lists what there is.`);
    }
    reply.header('allow', methods.join(', '));
    throw new HatstandError('method_not_allowed', `${path} knows ${methods.join(', ')}, not ${request.method}.`);
  });
}
