/** `/livez`: the process answers. `/readyz`: it can take and run jobs; without the token it says no more than that, as balancers bring none. */
import type { FastifyInstance } from 'fastify';
import type { System } from '../../engine/api/system.ts';

export function livez(app: FastifyInstance): void {
  app.get('/livez', () => ({ live: true }));
}

export function readyz(app: FastifyInstance, system: System): void {
  app.decorateRequest('isStranger', false);
  app.get('/readyz', { config: { answersStrangers: true } }, async (request, reply) => {
    const reasons = await system.notReady();
    if (request.isStranger) return reply.code(reasons.length > 0 ? 503 : 200).send({ ready: reasons.length === 0 });
    if (reasons.length > 0) return reply.code(503).send({ ready: false, reasons });
    // Others run all the same, so it is ready: a balancer must not take it out for one record.
    const unreadable = await system.unreadable();
    return { ready: true, durability: system.durability, ...(unreadable > 0 && { unreadable }) };
  });
}
