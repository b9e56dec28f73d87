import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noLoad } from '../../../core/node.ts';
import { node } from '../../../stores/conformance/subject.ts';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
  await server.store.nodes.join(node('web.1', { name: 'web', address: 'http://web:19900', version: '1.2.3' }), 60_000);
});
afterEach(() => server.close());

const names = (json: Readonly<Record<string, unknown>>): readonly string[] =>
  (json['nodes'] as readonly { readonly incarnation: string }[]).map(({ incarnation }) => incarnation);

describe('/v1/nodes', () => {
  it('lists nodes with their load, the live ones first', async () => {
    await server.store.nodes.join(node('gone.1', { name: 'gone' }), 60_000);
    await server.store.nodes.leave('gone.1');
    await server.store.nodes.renew('web.1', 60_000, 0, { ...noLoad, running: 2, slots: 8, cpu: 40 });
    const { json } = await server.ask('GET', '/v1/nodes');
    expect(json['nodes']).toEqual([
      {
        incarnation: 'web.1',
        name: 'web',
        version: '1.2.3',
        address: 'http://web:19900',
        serverId: 1,
        state: 'live',
        mode: 'active',
        condition: 'active',
        linked: null,
        running: 2,
        slots: 8,
        cpu: 40,
        memory: null,
        serves: [],
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        heardAgo: expect.stringMatching(/^\d+(ms|s)/),
        leaseLeft: expect.stringMatching(/^(1m|59s)/),
      },
      expect.objectContaining({ incarnation: 'gone.1', state: 'left', leaseLeft: '0s', linked: false }),
    ]);
  });

  it('drains and resumes by name or incarnation', async () => {
    await server.store.nodes.join(node('web.2', { name: 'web' }), 60_000);
    const drained = await server.ask('POST', '/v1/nodes/web/drain');
    expect([drained.status, names(drained.json)]).toEqual([200, ['web.1', 'web.2']]);
    const resumed = await server.ask('POST', '/v1/nodes/web.2/resume');
    expect(resumed.json['nodes']).toMatchObject([{ incarnation: 'web.2', mode: 'active' }]);
    expect((await server.ask('GET', '/v1/nodes')).json['nodes']).toMatchObject([
      { mode: 'draining', linked: null },
      { mode: 'active', linked: true },
    ]);
  });

  it('forgets a node by its incarnation whatever its lease says, and tells what was taken back', async () => {
    await server.push();
    const want = { worker: 'http', queues: 'any', slots: 1 } as const;
    const { jobs } = await server.store.jobs.claim({ operation: 'o', holder: 'web.1', wants: () => [want], attemptTtl: null });
    const { status, json } = await server.ask('DELETE', '/v1/nodes/web.1');
    expect([status, json]).toEqual([200, { nodes: [{ incarnation: 'web.1', attempts: 1 }] }]);
    expect(await server.store.jobs.get(jobs[0]?.id ?? '')).toMatchObject({ state: 'queued', lost: 1 });
    expect((await server.ask('GET', '/v1/nodes')).json['nodes']).toEqual([]);
  });

  it('forgets by a name all that are gone or late, and none whose lease runs', async () => {
    for (const incarnation of ['web.left', 'web.late', 'web.gone'])
      await server.store.nodes.join(node(incarnation, { name: 'web' }), 60_000);
    await server.store.nodes.join(node('other.late', { name: 'other' }), 0);
    await server.store.nodes.leave('web.left');
    await server.store.nodes.leave('web.gone');
    await server.store.nodes.renew('web.late', 0, 0, noLoad);
    const { status, json } = await server.ask('DELETE', '/v1/nodes/web');
    expect([status, new Set(names(json))]).toEqual([200, new Set(['web.left', 'web.late', 'web.gone'])]);
    expect(names((await server.ask('GET', '/v1/nodes')).json)).toEqual(['web.1', 'other.late']);
  });

  it.each([
    [['web.1'], 'The node "web" lives'],
    [['web.1', 'web.2'], '2 nodes have the name "web" and live'],
  ])('refuses to forget by a name nodes whose lease runs: %s', async (incarnations, lives) => {
    for (const incarnation of incarnations.slice(1)) await server.store.nodes.join(node(incarnation, { name: 'web' }), 60_000);
    const { status, json } = await server.ask('DELETE', '/v1/nodes/web');
    expect([status, json['code'], json['incarnations']]).toEqual([409, 'conflict', incarnations]);
    expect(json['detail']).toContain(lives);
    expect(json['detail']).toContain(`known to be dead, give its incarnation: ${incarnations.join(', ')}.`);
    expect(names((await server.ask('GET', '/v1/nodes')).json)).toEqual(incarnations);
  });

  it.each([
    ['POST', '/v1/nodes/nobody/drain'],
    ['POST', '/v1/nodes/nobody/resume'],
    ['DELETE', '/v1/nodes/nobody'],
  ])('answers %s %s as not found', async (method, path) => {
    const { status, json } = await server.ask(method, path);
    expect([status, json['code'], json['node']]).toEqual([404, 'not_found', 'nobody']);
  });
});

describe('/v1/doctor', () => {
  it('tells that all is well, and goes through everything', async () => {
    await server.push();
    expect((await server.ask('POST', '/v1/doctor')).json).toEqual({ checked: 1, repaired: {}, warnings: [], next: null });
    expect((await server.ask('POST', '/v1/doctor?cursor=1')).status).toBe(200);
  });

  it('warns of nodes that share a name, that are late, and when none takes work', async () => {
    await server.store.nodes.join(node('web.2', { name: 'web' }), 0);
    await server.store.nodes.steer('web', 'draining');
    const { json } = await server.ask('POST', '/v1/doctor');
    expect(json['warnings']).toEqual([
      expect.stringMatching(/^The node web\.2 was last heard from \d+ s ago/),
      expect.stringContaining('2 nodes have the name "web"'),
      expect.stringContaining('Every node is draining'),
    ]);
  });
});
