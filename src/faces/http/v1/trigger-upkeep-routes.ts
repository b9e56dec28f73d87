/** What is asked of all triggers at once, or of those of a domain. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Api } from '../../../engine/api/api.ts';
import { readPlace, writePlace } from './cursor.ts';
import { answers, change } from './openapi.ts';
import { AllTriggersQuery } from './trigger-schemas.ts';

const verbs = {
  rebuild: {
    operationId: 'rebuildTriggers',
    summary: 'Have triggers looked at that would not be due in time',
    description:
      'By what they are and what they have fired for: no run that is due is lost, and nothing that was gathered. Those that are right stay as they are. Looks for about a second: ask again with `next` as the cursor until that is null.',
  },
  clean: {
    operationId: 'cleanTriggers',
    summary: 'Delete triggers that push nothing any more',
    description:
      'No tick is left, nothing is gathered, and their jobs have ended. Their jobs stay. Looks for about a second: ask again with `next` as the cursor until that is null.',
  },
} as const;

export function triggerUpkeepRoutes(app: FastifyInstance, { triggers }: Api): void {
  for (const verb of ['rebuild', 'clean'] as const) {
    const response = answers({ 200: { description: 'What a part did.', schema: Type.Ref('TriggersLookedAt') } }, [
      'invalid_cursor',
      ...change,
    ]);
    app.post<{ Querystring: AllTriggersQuery }>(
      `/triggers/${verb}`,
      { schema: { ...verbs[verb], tags: ['triggers'], querystring: AllTriggersQuery, response } },
      async ({ query: { domain = null, cursor } }) => {
        const { next, ...done } = await triggers[verb](domain, cursor === undefined ? null : readPlace(cursor));
        return { ...done, next: next === null ? null : writePlace(next) };
      },
    );
  }
}
