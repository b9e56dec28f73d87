/** The page for people: static files, and one HTML for all of its addresses, so that deep links work. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../core/errors.ts';

export interface UiOptions {
  /** Where the page lives, such as `/ui`; `''` or `/`: at the root. */
  readonly basename: string;
}

interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

const folder = join(import.meta.dirname, '..', 'ui');
const shell = 'index.html';
const htmlType = 'text/html; charset=utf-8';
const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const pages = ['', '/', '/jobs', '/jobs/new', '/jobs/:id', '/queues', '/nodes'];

const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** A Fastify plugin; it brings its own addresses, so register it without a prefix. */
export async function ui(app: FastifyInstance, { basename }: UiOptions): Promise<void> {
  const base = basename.replace(/\/+$/, '');
  const assets = readAssets();
  const html = readFileSync(join(folder, shell), 'utf8').replaceAll('{{basename}}', base);

  for (const page of pages) {
    if (base === '' && page === '') continue;
    app.get(`${base}${page}`, async (_request, reply) => sendHtml(html, reply));
  }
  // The page says itself that it has no such address. At the root all other addresses belong to the APIs.
  if (base !== '') app.get(`${base}/*`, async (_request, reply) => sendHtml(html, reply.code(404)));
  app.get<{ Params: { file: string } }>(`${base}/assets/:file`, async (request, reply) => {
    const asset = assets.get(request.params.file);
    if (asset === undefined) throw new HatstandError('not_found', `The page has no file ${JSON.stringify(request.params.file)}.`);
    return sendAsset(asset, request, reply);
  });
}

function sendHtml(html: string, reply: FastifyReply): FastifyReply {
  return reply.headers(securityHeaders).type(htmlType).header('cache-control', 'no-store').send(html);
}

function readAssets(): ReadonlyMap<string, Asset> {
  const names = readdirSync(folder).filter((name) => types[extname(name)] !== undefined);
  return new Map(
    names.map((name) => {
      const bytes = readFileSync(join(folder, name));
      const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
      return [name, { type: types[extname(name)] ?? '', bytes, etag }];
    }),
  );
}

function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers(securityHeaders).headers({ 'cache-control': 'no-cache', etag: asset.etag });
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
  return reply.type(asset.type).send(asset.bytes);
}
