/** The nodes of the cluster. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { formatDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { conditionOf, type NodeRecord } from '../../../core/node.ts';
import type { Api } from '../../../engine/api/api.ts';
import { NodeParams } from './node-schemas.ts';
import { answers, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';

const tags = ['nodes'];
const params = NodeParams;
const querystring = NoQuery;

export function nodeRoutes(app: FastifyInstance, { nodes }: Api): void {
  const shown = (node: NodeRecord): object => nodeJson(node, nodes.isLinked(node.incarnation));
  const listing = {
    200: { description: 'Live nodes, then those that were there within a day.', schema: Type.Ref('NodeList') },
  };
  app.get(
    '/nodes',
    { schema: { operationId: 'listNodes', summary: 'List nodes', tags, querystring, response: answers(listing) } },
    async () => ({ nodes: (await nodes.list()).map(shown) }),
  );

  const steered = { 200: { description: 'The live nodes of this name or incarnation.', schema: Type.Ref('NodeList') } };
  for (const [verb, mode, summary] of [
    ['drain', 'draining', 'Drain a node: what it runs goes on, it starts no other'],
    ['resume', 'active', 'Let a draining node start jobs again'],
  ] as const) {
    app.post<{ Params: NodeParams }>(
      `/nodes/:node/${verb}`,
      { schema: { operationId: `${verb}Node`, summary, tags, params, querystring, response: answers(steered, ['not_found', ...change]) } },
      async (request) => {
        const { node } = request.params;
        const records = await nodes.steer(node, mode);
        if (records.length === 0) throw missing(node, 'live node');
        return { nodes: records.map(shown) };
      },
    );
  }

  app.delete<{ Params: NodeParams }>(
    '/nodes/:node',
    {
      schema: {
        operationId: 'forgetNode',
        summary: 'Forget nodes that are dead',
        description:
          'What they held goes back to its queues at once. A name means all nodes of that name that are gone or whose lease has expired; 409: it has only nodes whose lease runs. An incarnation means that node whatever its lease says; if it lives after all, it loses what it runs and joins again.',
        tags,
        params,
        querystring,
        response: answers({ 200: { description: 'They are forgotten.', schema: Type.Ref('ForgottenNodeList') } }, [
          'not_found',
          'conflict',
          ...change,
        ]),
      },
    },
    async (request) => {
      const { node } = request.params;
      const forgotten = await nodes.forget(node);
      if (forgotten.length === 0) throw missing(node, 'node');
      return { nodes: forgotten };
    },
  );
}

const missing = (node: string, what: string): HatstandError =>
  new HatstandError('not_found', `There is no ${what} with the name or incarnation ${JSON.stringify(node)}. GET /v1/nodes lists them.`, {
    node,
  });

function nodeJson(node: NodeRecord, linked: boolean | null): object {
  const { incarnation, name, version, address, serverId, state, mode, serves, startedAt, heardAgo, leaseLeft } = node;
  const { isCritical: _, ...load } = node.load;
  return {
    ...{ incarnation, name, version, address, serverId, state, mode, condition: conditionOf(node), linked, ...load, serves },
    startedAt: new Date(startedAt).toISOString(),
    heardAgo: formatDuration(heardAgo),
    leaseLeft: formatDuration(leaseLeft),
  };
}
