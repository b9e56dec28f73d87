/** Everything for every kind of work under `/v1`: strict schemas, OpenAPI 3.1, RFC 9457 errors. */
import type { FastifyInstance } from 'fastify';
import type { Api } from '../../../engine/api/api.ts';
import { batchRoutes } from './batch-routes.ts';
import { readJsonBodies, readManyBodies } from './body.ts';
import { elsewhereRoutes } from './elsewhere-routes.ts';
import { followRoutes, previewRoute, publishRoutes } from './event-routes.ts';
import { hookRoutes } from './hook-routes.ts';
import type { PushLimits } from './job-request.ts';
import { jobRoutes } from './job-routes.ts';
import { limitRoutes } from './limit-routes.ts';
import { nodeRoutes } from './node-routes.ts';
import { describeRoutes } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { purgeRoutes } from './purge-routes.ts';
import { pushRoutes } from './push-routes.ts';
import { queueRoutes } from './queue-routes.ts';
import { statsRoutes } from './stats-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { transferRoutes } from './transfer-routes.ts';
import { triggerRoutes } from './trigger-routes.ts';
import { triggerUpkeepRoutes } from './trigger-upkeep-routes.ts';
import { answerUnknown } from './unknown.ts';
import { upkeepRoutes } from './upkeep-routes.ts';
import { compileCheck } from './validation.ts';
import { watchRoutes } from './watch-routes.ts';
import { workerRoutes } from './worker-routes.ts';

export interface V1Parts {
  readonly api: Api;
  readonly options: PushLimits;
}

/** A Fastify plugin; register it under the prefix `/v1`. */
export async function v1(app: FastifyInstance, { api, options }: V1Parts): Promise<void> {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setValidatorCompiler(compileCheck);
  // Answers are written as they are: a compiled serializer would drop members that the schema does not name.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  // Who reads it in a terminal finds the prompt on a line of its own.
  app.addHook('onSend', (_request, _reply, payload, done) => {
    done(null, typeof payload === 'string' && payload !== '' && !payload.endsWith('\n') ? `${payload}\n` : payload);
  });
  answerUnknown(app);
  readJsonBodies(app);
  await describeRoutes(app, api.system.build.version);
  jobRoutes(app, api, options);
  purgeRoutes(app, api);
  elsewhereRoutes(app, api, options);
  queueRoutes(app, api);
  limitRoutes(app, api);
  triggerRoutes(app, api, options);
  triggerUpkeepRoutes(app, api);
  batchRoutes(app, api, options);
  taskRoutes(app, api, options);
  followRoutes(app, api);
  previewRoute(app, api);
  watchRoutes(app, api);
  nodeRoutes(app, api);
  workerRoutes(app, api);
  statsRoutes(app, api);
  upkeepRoutes(app, api);
  await app.register(async (hooks) => hookRoutes(hooks, api, options));
  await app.register(async (many) => {
    readManyBodies(many);
    pushRoutes(many, api, options);
    publishRoutes(many, api);
    transferRoutes(many, api, options);
  });
}
