/** The HTTP face: HQ's API at the root, everything under `/v1`, the UI, and the health checks. */
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { HatstandError } from '../../core/errors.ts';
import type { Api } from '../../engine/api/api.ts';
import { logAccess } from './access.ts';
import { admission } from './admission.ts';
import { answerToBroken, answerUnmet, full, lastAnswer, stopping } from './broken-request.ts';
import { boundAnswers } from './connections/answers.ts';
import { boundBodies } from './connections/bodies.ts';
import { shareOut } from './connections/connections.ts';
import { type ConnectionLimits, connectionLimits, lookEvery } from './connections/limits.ts';
import { makeInTurns } from './connections/turns.ts';
import { makeGuard } from './guard.ts';
import { livez, readyz } from './health.ts';
import { answerError, answerUnknown } from './hq/errors.ts';
import { refusalOf } from './hq/refusal.ts';
import { hq } from './hq/routes.ts';
import { shuttingDown } from './leaving.ts';
import type { HttpOptions } from './options.ts';
import { sign } from './sign.ts';
import { checkSingleFields } from './single-fields.ts';
import { ui } from './ui.ts';
import { v1 } from './v1/v1.ts';

/** Bytes of a request beside its payload. */
const bodyAllowance = 64 * 1024;
const maxUrl = 8_192;
const maxFields = 200;
const closeWithin = 5_000;
/** Behind these the connection ends, and behind any refusal of a body that is not there: who is refused may not go on for nothing. */
const last: ReadonlySet<number> = new Set([401, 403, 413, 431]);

/** An app that does not listen yet. */
export function makeApp(api: Api, options: HttpOptions): FastifyInstance {
  const { version } = api.system.build;
  const app = makeServer(options.payloadBytes + bodyAllowance, version, { ...connectionLimits, ...options.connections });
  let closing = false;
  // The first of all hooks, so that what the others refuse carries these too.
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(sign(version));
    done();
  });
  if (options.onAccess !== null) logAccess(app, options.onAccess);
  app.addHook('onRequest', (request, reply, done) => {
    if (closing) throw new HatstandError('shutting_down', shuttingDown);
    checkSingleFields(request, reply);
    if (request.raw.rawHeaders.length > 2 * maxFields)
      throw new HatstandError('too_large', `A request may have ${maxFields} header fields.`);
    if (request.url.length > maxUrl) throw new HatstandError('too_large', `An address may have ${maxUrl} characters.`);
    done();
  });
  app.addHook('onError', (request, reply, error, done) => {
    const { status, expected } = refusalOf(error);
    if (last.has(status) || !request.raw.complete) void reply.header('connection', 'close');
    if (!expected && !isOfLeaving(reply, error)) options.onFault?.(error);
    done();
  });
  app.addHook('preClose', (done) => {
    closing = true;
    // A client that sends or reads very slowly must not keep the server from ending.
    setTimeout(() => app.server.closeAllConnections(), options.closeWithin ?? closeWithin).unref();
    done();
  });
  app.setErrorHandler(answerError);
  // Whether the process runs is no secret, nor are the UI's files; all else is guarded.
  livez(app);
  if (options.uiBasename !== null) void app.register(ui, { basename: options.uiBasename });
  void app.register(async (guarded: FastifyInstance) => mountApis(guarded, api, options));
  return app;
}

/** A client that leaves before its answer has begun ends the stream that it would have been sent. */
const isOfLeaving = (reply: FastifyReply, error: { readonly code?: string }): boolean =>
  reply.raw.destroyed && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

function makeServer(bodyLimit: number, version: string, limits: ConnectionLimits): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: maxUrl },
    // For receiving a request; answering it may take longer.
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: limits.headersTimeout,
      connectionsCheckingInterval: lookEvery,
      maxHeaderSize: 16 * 1024,
      // Requests without Host are refused by checkSingleFields, as all others are.
      requireHostHeader: false,
    },
    // Fastify's own refusal would be no problem+json and lack the header.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => connections.refuse(socket, answerToBroken(error, version)),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply.headers(sign(version))),
  });
  app.server.on('checkExpectation', answerUnmet(version));
  // Node would ask for the body before it is known who sends it.
  app.server.on('checkContinue', (request, response) => void app.server.emit('request', request, response));
  // Fields beyond a number would be dropped without a word; the size of a head bounds them.
  app.server.maxHeadersCount = 0;
  const connections = shareOut(app.server, limits, { full: lastAnswer(full, version), stopping: lastAnswer(stopping, version) });
  const look = (): void => connections.tick(performance.now());
  let looking = setInterval(look, lookEvery).unref();
  app.addHook('preClose', async () => {
    connections.finish(performance.now());
    clearInterval(looking);
    looking = setInterval(look, limits.stopping.lookEvery).unref();
  });
  app.addHook('onClose', async () => clearInterval(looking));
  makeInTurns(app);
  boundAnswers(app, limits.answerBytes);
  boundBodies(app, limits.bodyBytes);
  // Each API reads bodies its own way.
  app.removeAllContentTypeParsers();
  return app;
}

async function mountApis(app: FastifyInstance, api: Api, options: HttpOptions): Promise<void> {
  app.addHook('onRequest', makeGuard(options));
  readyz(app, api.system);
  const internal = options.uiBasename === null ? [] : [`${options.uiBasename}/internal`];
  answerUnknown(app, internal);
  await app.register(hq, { api, options });
  for (const prefix of internal) {
    await app.register(
      async (mounted: FastifyInstance) => {
        await hq(mounted, { api, options });
        // Without this the UI would answer with its page for addresses that are unknown here.
        mounted.all('/*', (_request, reply) => reply.callNotFound());
      },
      { prefix },
    );
  }
  await app.register(v1, { prefix: '/v1', api, options: { ...options, admit: admission(api, options) } });
}
