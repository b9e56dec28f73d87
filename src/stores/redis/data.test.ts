import { describe, expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../../../test/support/redis-server.ts';
import { until } from '../../../test/support/until.ts';
import { timeOfId } from '../../core/id.ts';
import { noLoad } from '../../core/node.ts';
import { asked, kept, node, only, second, ttl } from '../conformance/subject.ts';
import { prefixOf } from './format/keys.ts';
import { openRedis } from './index.ts';
import { newCluster, server } from './store.suite.ts';

describe('the data in Redis', () => {
  it('tells when Redis comes back without its data, once', async () => {
    const cluster = newCluster();
    const told: string[] = [];
    const hear = (event: string): void => void told.push(event);
    const logger = { debug() {}, info: hear, warn() {}, error: hear };
    const store = await openRedis({ url: server.url, cluster, logger });
    onTestFinished(() => store.close());
    const comeBack = async (times: number): Promise<void> => {
      await server.ask('CLIENT', 'KILL', 'TYPE', 'normal');
      await until('the connection', () => told.filter((event) => event === 'store.connected').length === times);
      await store.jobs.count();
    };
    await comeBack(2);
    await server.ask('DEL', `${prefixOf(cluster)}meta`);
    await comeBack(3);
    await until('being told', () => told.includes('store.emptied'));
    await comeBack(4);
    expect(told.filter((event) => event === 'store.emptied')).toHaveLength(1);
  });

  it('tells when Redis comes back without its newest moments, once', async () => {
    const snapshots = await startRedis({ flags: ['--save', '3600 1'] });
    onTestFinished(() => snapshots.stop());
    const told: [string, Readonly<Record<string, unknown>>][] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (event: string, facts = {}) => void told.push([event, facts]) };
    const store = await openRedis({ url: snapshots.url, cluster: newCluster(), logger });
    onTestFinished(() => store.close());
    const before = only(kept(await store.jobs.push([asked()])));
    await snapshots.ask('SAVE');
    await store.advance(second);
    const lost = only(kept(await store.jobs.push([asked()])));
    await snapshots.kill('SIGKILL');
    await snapshots.restart();
    await until('being told', () => told.length > 0);
    const [since, end] = [before, lost].map(({ id }) => new Date(timeOfId(id)).toISOString());
    expect(told).toMatchObject([['store.rewound', { since, until: end }]]);
    expect(store.warnings.at(-1)).toContain(`acknowledged from ${since} to ${end} may be gone`);
    await store.jobs.push([asked()]);
    await snapshots.restart();
    await store.jobs.count();
    expect(told).toHaveLength(1);
  });

  it('tells when Redis is emptied under its hands', async () => {
    const cluster = newCluster();
    const told: string[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (event: string) => void told.push(event) };
    const store = await openRedis({ url: server.url, cluster, logger });
    onTestFinished(() => store.close());
    await store.nodes.join(node('node'), ttl);
    await server.ask('DEL', `${prefixOf(cluster)}meta`, `${prefixOf(cluster)}nodes`);
    expect(await store.nodes.renew('node', ttl, 0, noLoad)).toEqual({ kind: 'buried' });
    await until('being told', () => told.includes('store.emptied'));
  });
});
