/** What the tests of large bodies share: they are answered, and others have their turn meanwhile. */
import { expect } from 'vitest';
import type { TestServer } from './server.suite.ts';

export const mebibyte = 1024 * 1024;

/** Expects an answer that begins or ends as told, and that nobody else waits for it. */
export async function expectAnswered(server: TestServer, path: string, type: string, body: string, told: RegExp): Promise<void> {
  const over = new AbortController();
  const asked = server.ask('POST', path, { body, headers: { 'content-type': type } }).finally(() => over.abort());
  let worst = 0;
  while (!over.signal.aborted) {
    const since = performance.now();
    await server.ask('GET', '/livez');
    worst = Math.max(worst, performance.now() - since);
  }
  const { text } = await asked;
  expect(text.slice(0, 2_000) + text.slice(-500)).toMatch(told);
  // Some ten times what it is on a machine that does much else.
  expect(worst).toBeLessThan(2_000);
}
