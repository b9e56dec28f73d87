import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const push = (body: string, type = 'application/xml'): Promise<Answer> =>
  server.ask('POST', '/job', { body, headers: { 'content-type': type } });

describe('a body in XML', () => {
  it.each(['application/xml', 'text/xml; charset=utf-8', 'Application/XML'])('may be %s', async (type) => {
    expect((await push('<job><URL>a</URL></job>', type)).json).toMatchObject({ url: 'a', name: 'default', payload: null, headers: null });
  });

  it('gives the fields by their names in Go', async () => {
    const { json } = await push(`<?xml version="1.0" encoding="UTF-8"?>
      <!-- the root's name does not matter -->
      <PushJobRequest xmlns="http://example.com/">
        <URL>http://a/?b=1&amp;c=&#x32;</URL>
        <Name><![CDATA[<n>]]> ü</Name>
        <Comment>one<!-- not this --> two<b>not this</b></Comment>
        <Payload> {"n": 12345678901234567890} </Payload>
        <Timeout> 7 </Timeout>
      </PushJobRequest>`);
    expect(json).toMatchObject({ url: 'http://a/?b=1&c=2', name: '<n> ü', comment: 'one two', timeout: 7 });
    expect((await server.ask('GET', `/job/${json['id']}`)).text).toContain('"payload":{"n":12345678901234567890}');
  });

  it('may be long', async () => {
    const comment = `x${'🎩'.repeat(5_000)}`;
    expect((await push(`<r><URL>a</URL><Comment>${comment}</Comment></r>`)).json['comment']).toBe(comment);
    expect((await push(`<r><URL>a</URL><Payload>"${'x'.repeat(64 * 1024)}"</Payload></r>`)).status).toBe(413);
  });

  it('names elements with regard to case and ignores those it does not know, prefixes and attributes', async () => {
    const { json } = await push(
      '<r name="no"><url>no</url><Name>no</Name><x:Name>yes</x:Name><URL a="b">a</URL><What><URL>no</URL></What></r>',
    );
    expect(json).toMatchObject({ url: 'a', name: 'yes' });
    expect((await push('<r><url>a</url></r>')).json).toEqual({ status: 422, error: "'url' is required" });
    expect((await push('<r/>')).status).toBe(422);
  });

  it.each(['<r><URL>a</URL></r><r><URL>b</URL><x>c</x></r>', '<r><URL>a</URL></r> and more', '<r><URL>a</URL></r></r>&x;<'])(
    'ends with its root: %s',
    async (body) => {
      expect((await push(body)).json).toMatchObject({ url: 'a' });
    },
  );

  it.each([
    ['<r>\n<URL>a</url></r>', 2],
    ['<r><URL>a', 1],
    ['<r>\n\n<URL', 3],
    ['{"url":"a"}', 1],
    [' ', 1],
    ['<r a=b/>', 1],
    ['<r><URL>&nbsp;</URL></r>', 1],
    ['<r>\n<URL>\u0001</URL></r>', 2],
  ])('%j is a syntax error on line %i', async (body, line) => {
    const { status, json } = await push(body);
    expect(status).toBe(400);
    expect(json['error']).toMatch(new RegExp(`^Syntax error: line=${line}, error=XML syntax error on line ${line}: .`));
  });

  it.each([
    ['<r><URL>a</URL><Timeout>soon</Timeout></r>', 'strconv.ParseInt: parsing "soon": invalid syntax'],
    ['<r><URL>a</URL><Headers><A>b</A></Headers></r>', 'unknown type map[string]string'],
    ['<r><URL>a</URL><Payload>{"a":}</Payload></r>', 'payload must be JSON; it is not at position 5'],
    ['<?xml version="1.1"?><r><URL>a</URL></r>', 'xml: unsupported version "1.1"; only version 1.0 is supported'],
    ['<?xml version="1.0" encoding="latin1"?><r/>', 'xml: encoding "latin1" declared; only UTF-8 is supported'],
  ])('%s is refused', async (body, error) => {
    expect((await push(body)).json).toEqual({ status: 400, error });
  });

  it('never expands what it declares', async () => {
    const dtd = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>';
    expect((await push(`${dtd}<r><URL>u</URL></r>`)).json).toMatchObject({ url: 'u' });
    for (const entity of ['a', 'b', 'f']) {
      const { status, json } = await push(`${dtd}<r><URL>&${entity};</URL></r>`);
      expect([status, json['error']]).toEqual([400, expect.stringContaining('undefined entity')]);
    }
  });

  it('nests a thousand levels and no more', async () => {
    const nested = (depth: number): string => `<r><URL>u</URL>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</r>`;
    expect((await push(nested(999))).status).toBe(200);
    expect((await push(nested(1_000))).json['error']).toContain('exceeded max depth');
    expect((await push('<a>'.repeat(30_000))).json['error']).toContain('exceeded max depth');
    expect((await push(`<r><URL>a</URL><Payload>${'['.repeat(9_000)}</Payload></r>`)).json['error']).toContain('exceeded max depth');
  });

  it('asks for copies', async () => {
    const id = await server.push({ url: 'a' });
    await server.ask('POST', `/job/${id}/stop`);
    const restart = (copy: string): Promise<Answer> =>
      server.ask('POST', `/job/${id}/restart`, { body: `<r><Copy>${copy}</Copy></r>`, headers: { 'content-type': 'text/xml' } });
    expect((await restart('true')).json['id']).not.toBe(id);
    expect((await restart('maybe')).json).toEqual({ status: 400, error: 'strconv.ParseBool: parsing "maybe": invalid syntax' });
    expect((await restart('0')).json['id']).toBe(id);
  });
});
