/** What scripts read of a body to know under which keys its job counts. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asked, unique } from '../../conformance/subject.ts';
import { server } from '../store.suite.ts';
import { bodyOf } from './body.ts';

const script = `
  local decoded, cjson = 0, cjson
  do
    local decode = cjson.decode
    cjson = { decode = function(text) decoded = decoded + #text return decode(text) end }
  end
  local scopesIn
  ${readFileSync(new URL('./head.lua', import.meta.url), 'utf8')}
  local domain, limit = scopesIn(ARGV[1])
  return { domain, limit, decoded }`;
const scopesIn = (body: string): Promise<unknown> => server.ask('EVAL', script, '0', body);

const long = 'words, and more; '.repeat(4_000);
const odd = 'a"],[{\\","\n",';

describe('the keys of a body in Lua', () => {
  it.each([
    { domain: 'd', limit: 'k' },
    { domain: '', limit: '' },
    { domain: 'd', limit: 'k', comment: long, name: 'n', url: 'u', about: JSON.stringify({ long }) },
    { domain: 'd', comment: long, name: '\\', url: '\\"' },
    { domain: odd, limit: odd, comment: odd, name: odd, url: odd, about: JSON.stringify(odd) },
    { domain: 'd', limit: 'k', comment: odd, headers: { [odd]: odd } },
    { domain: 'd', limit: 'k', headers: { [odd]: odd } },
    { domain: 'd', limit: 'k', options: unique('ended', `key:${odd}`).options },
    { domain: 'd', limit: 'k', comment: '\ud800', url: '\udfff\\' },
  ])('are those of its job: $domain $limit', async (told) => {
    const { domain, limit } = { limit: '', ...told };
    expect(await scopesIn(bodyOf(asked(told)).text)).toEqual([domain, limit, expect.anything()]);
  });

  it('are read without what is long, unless it looks like its end', async () => {
    const plain = { domain: 'd', limit: 'k', comment: long, about: JSON.stringify({ long }) };
    expect(await scopesIn(bodyOf(asked(plain)).text)).toEqual(['d', 'k', 0]);
    const [, , decoded] = (await scopesIn(bodyOf(asked({ domain: 'd', comment: long })).text)) as readonly [string, string, number];
    expect(decoded).toBeLessThan(100);
  });
});
