/** The page of a server for tests, in a browser: for each test file that imports it. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openServer, type TestServer } from '../../src/faces/http/server.suite.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
});
afterAll(() => browser.close());

const opened: { server: TestServer; context: BrowserContext }[] = [];
afterEach(async () => {
  for (const { server, context } of opened.splice(0)) {
    await context.close();
    await server.close();
  }
});

export interface Visit {
  readonly server: TestServer;
  readonly page: Page;
  /** What the page did wrong: scripts that threw, files refused by its own policy, requests to elsewhere. */
  readonly faults: string[];
  go(path: string): Promise<void>;
}

export async function visit(options: { token?: string; width?: number } = {}): Promise<Visit> {
  const server = await openServer({ token: options.token ?? null });
  const context = await browser.newContext({ viewport: { width: options.width ?? 1280, height: 800 } });
  opened.push({ server, context });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('blob:')) faults.push(request.url());
  });
  return {
    server,
    page,
    faults,
    async go(path) {
      await page.goto(server.url + path);
    },
  };
}

export const url = 'http://127.0.0.1:9/mail';
export const pushed = async (server: TestServer, fields: object = {}): Promise<string> => {
  const { json } = await server.ask('POST', '/v1/jobs', { body: { url, ...fields } });
  return String(json['id']);
};
