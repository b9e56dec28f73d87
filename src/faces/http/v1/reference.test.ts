import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';
import { type Contract, readContract } from './contract.suite.ts';
import { apiReference } from './reference.ts';

const file = new URL('../../../../docs/api.md', import.meta.url);

let server: TestServer;
let contract: Contract;
beforeAll(async () => {
  server = await openServer();
  contract = await readContract(server);
});
afterAll(() => server.close());

describe('the reference of the API', () => {
  it('is what docs/api.md holds', () => {
    const text = apiReference(contract.document);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('names every route, every field and every code of a refusal', () => {
    const text = apiReference(contract.document);
    for (const { method, path, parameters = [], responses } of contract.routes) {
      expect(text).toContain(`### \`${method} ${path}\``);
      for (const { name } of parameters) expect(text).toContain(`| \`${name}\` |`);
      const codes = Object.values(responses).flatMap(({ content = {} }) =>
        Object.values(content).flatMap((media) => media['x-codes'] ?? []),
      );
      for (const code of codes) expect(text).toContain(`\`${code}\``);
    }
    for (const schema of Object.values(contract.document.components.schemas)) {
      for (const name of Object.keys(schema.properties ?? {})) expect(text).toContain(`| \`${name}\` |`);
    }
  });

  it('links to headings that are there', () => {
    const text = apiReference(contract.document);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target = ''] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(target);
  });
});
