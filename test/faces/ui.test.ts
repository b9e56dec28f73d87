import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noResult } from '../../src/core/job.ts';
import { noLoad } from '../../src/core/node.ts';
import { failed, succeeded } from '../../src/faces/http/server.suite.ts';
import { node } from '../../src/stores/conformance/subject.ts';
import { pushed, url, visit } from './visit.ts';

describe('the list', () => {
  it('shows how to push the first job, and then shows the job without being asked', async () => {
    const { server, page, go, faults } = await visit();
    await go('/ui');
    await page.getByText('No jobs yet').waitFor();
    expect(await page.locator('.empty pre').textContent()).toContain(`curl ${server.url}/v1/jobs`);
    expect(await page.title()).toBe('Jobs · Hatstand');
    await pushed(server, { name: 'the first' });
    await page.getByRole('link', { name: 'the first' }).waitFor();
    expect(faults).toEqual([]);
  });

  it('keeps the filter in the address and follows tabs, back and reload', async () => {
    const { server, page, go } = await visit();
    await pushed(server, { name: 'letter', queue: 'mail' });
    await pushed(server, { name: 'call', queue: 'calls' });
    await go('/ui/jobs');
    await page.getByLabel('Filter').fill('queue:mail');
    await page.getByLabel('Filter').press('Enter');
    await page.getByRole('link', { name: 'call' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('q')).toBe('queue:mail');
    await page.getByRole('link', { name: /^queued/ }).click();
    expect(new URL(page.url()).searchParams.get('q')).toBe('state:queued queue:mail');
    await page.reload();
    await page.getByRole('link', { name: 'letter' }).waitFor();
    expect(await page.getByLabel('Filter').inputValue()).toBe('state:queued queue:mail');
    await page.getByRole('link', { name: /^failed/ }).click();
    await page.getByText('No jobs match').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'letter' }).waitFor();
  });

  it('counts on its tabs what a filter finds, or says what it counts', async () => {
    const { server, page, go } = await visit();
    for (const queue of ['mail', 'mail', 'calls']) await pushed(server, { queue });
    await server.ask('POST', '/v1/jobs', { body: { worker: 'resize', queue: 'mail' } });
    const counts = async (filter: string): Promise<readonly [queued: string, all: string, note: string]> => {
      await go(`/ui/jobs?${new URLSearchParams({ q: filter })}`);
      const [queued, all, note] = [
        page.getByRole('link', { name: /^queued/ }),
        page.getByRole('link', { name: /^all/ }),
        page.locator('#counted'),
      ];
      await queued.getByText(/\d/).waitFor();
      return [(await queued.textContent()) ?? '', (await all.textContent()) ?? '', (await note.textContent()) ?? ''];
    };
    expect(await counts('')).toEqual(['queued4', 'all4', '']);
    expect(await counts('state:failed')).toEqual(['queued4', 'all4', '']);
    expect(await counts('queue:mail')).toEqual(['queued3', 'all3', '']);
    expect(await counts('queue:mail worker:http')).toEqual(['queued2', 'all2', '']);
    expect(await counts('-queue:mail')).toEqual(['queued1', 'all1', '']);
    expect(await counts('queue:"ma*",calls worker:res*')).toEqual(['queued1', 'all1', '']);
    expect(await counts('queue:none')).toEqual(['queued0', 'all0', '']);
    expect(await counts('name:x')).toEqual(['queued4', 'all4', 'The numbers count all jobs, not only those that name:x finds.']);
    const mixed = 'The numbers count all jobs with queue:calls, not only those that name:"two words" finds.';
    expect(await counts('queue:calls name:"two words"')).toEqual(['queued1', 'all1', mixed]);
    expect(await page.getByRole('navigation', { name: 'By state' }).getAttribute('aria-describedby')).toBe('counted');
  });

  it('tells of a job that waits for its next try which one that is, when it comes and what went wrong', async () => {
    const { server, page, go } = await visit();
    const id = await pushed(server, { name: 'it', retry: { attempts: 20, backoff: '12m' } });
    await pushed(server, { name: 'later', delay: '3h' });
    await server.settle(await server.start(), failed(500, 'the worker answered 500'));
    await go('/ui/jobs');
    await page.getByText(/^try 2 of 20 in 1\d(\.\d)? min · the worker answered 500$/).waitFor();
    await page.getByText(/^in 2\.9 h$/).waitFor();
    await go(`/ui/jobs/${id}`);
    await page.getByText(/^try 2 of 20 in 1\d(\.\d)? min$/).waitFor();
    await page.getByText('the worker answered 500').first().waitFor();
  });

  it('says of a job that nobody runs that it waits for a worker', async () => {
    const { server, page, go } = await visit();
    await server.ask('POST', '/v1/jobs', { body: { worker: 'resize', name: 'it' } });
    await page.route('**/v1/jobs?*', async (route) => {
      const response = await route.fetch();
      const { jobs, next } = await response.json();
      await route.fulfill({ response, json: { jobs: jobs.map((job: object) => ({ ...job, unserved: true })), next } });
    });
    await go('/ui/jobs');
    await page.getByText('unserved: no live node serves “resize” in this queue').waitFor();
  });

  it('says what is wrong with a filter', async () => {
    const { page, go } = await visit();
    await go('/ui/jobs?q=colour:red');
    await page.getByText('There is no filter field "colour"').waitFor();
  });

  it('changes rows in place and lets new jobs wait until they are asked for', async () => {
    const { server, page, go } = await visit();
    await pushed(server, { name: 'old' });
    await go('/ui/jobs');
    const row = page.locator('tbody tr').first();
    await row.getByText('queued').waitFor();
    await row.evaluate((element) => element.setAttribute('data-seen', 'yes'));
    await server.start();
    await pushed(server, { name: 'new' });
    await page.locator('tr[data-seen]').getByText('running').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    const [pill, table] = await Promise.all([
      page.getByRole('button', { name: '1 new job' }).boundingBox(),
      page.locator('table').boundingBox(),
    ]);
    expect(pill?.y).toBeGreaterThan((table?.y ?? 0) + (table?.height ?? 0));
    await page.getByRole('button', { name: '1 new job' }).click();
    await page.getByRole('link', { name: 'new' }).waitFor();
    expect(await page.locator('tbody tr').first().textContent()).toContain('new');
    expect(await page.locator('tr[data-seen]').count()).toBe(1);
  });

  it('leafs through pages by address', async () => {
    const { server, page, go } = await visit();
    const lines = Array.from({ length: 60 }, (_, n) => JSON.stringify({ url, name: `n${n}` }));
    await server.ask('POST', '/v1/jobs', { body: lines.join('\n'), headers: { 'content-type': 'application/x-ndjson' } });
    await go('/ui/jobs');
    await page.getByRole('link', { name: 'n59' }).waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'n9', exact: true }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(10);
    await page.reload();
    await page.getByRole('link', { name: 'n0', exact: true }).waitFor();
    await page.getByRole('link', { name: 'Newest' }).click();
    await page.getByRole('link', { name: 'n59' }).waitFor();
  });
});

describe('a job', () => {
  it('shows payload and output exactly, as text', async () => {
    const { server, page, go, faults } = await visit();
    const payload = '{ "big": 12345678901234567890.10, "html": "<img src=x onerror=alert(1)>" }';
    const { json } = await server.ask('POST', '/v1/jobs', { body: `{"url":"${url}","name":"<b>name</b>","payload":${payload}}` });
    const output = '<script>alert(2)</script>\n\u0007';
    await server.settle(await server.start(), succeeded(output));
    await go(`/ui/jobs/${json['id']}`);
    const shown = page.getByLabel('Payload');
    await shown.waitFor();
    expect(await shown.textContent()).toBe(payload);
    expect(await page.getByLabel('Output').textContent()).toBe('<script>alert(2)</script>\n\\u0007');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByText('Download all').click()]);
    expect(readFileSync(await file.path(), 'utf8')).toBe(output);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('<b>name</b>');
    expect(await page.title()).toBe('<b>name</b> succeeded · Hatstand');
    expect(faults).toEqual([]);
  });

  it('cuts a long output and gives all of it as a file', async () => {
    const { server, page, go } = await visit();
    const id = await pushed(server);
    const output = 'x'.repeat(200_000);
    await server.settle(await server.start(), succeeded(output));
    await go(`/ui/jobs/${id}`);
    await page.getByLabel('Output').waitFor();
    expect((await page.getByLabel('Output').textContent())?.length).toBe(65_536);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download all' }).click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe(output);
  });

  it('shows how far it is, and its log as it grows', async () => {
    const { server, page, go, faults } = await visit();
    const id = await pushed(server);
    const job = await server.start();
    const tell = (from: number, texts: readonly string[], done: number) => {
      const lines = texts.map((text, at) => ({ number: from + at, ago: 0, level: 'warn' as const, text, fields: '{"n":1}' }));
      return server.store.jobs.report(job, { ttl: null, progress: `{"done":${done}.0}`, lines, push: [] });
    };
    await tell(1, ['first', '<b>second</b>'], 1);
    await go(`/ui/jobs/${id}`);
    const log = page.getByLabel('Log').getByRole('listitem');
    await expect.poll(() => log.count()).toBe(2);
    expect(await log.last().textContent()).toMatch(/ warn <b>second<\/b> \{"n":1\}$/);
    await page.getByText('{"done":1.0}').waitFor();
    await tell(3, ['third'], 2);
    await server.settle(job, succeeded());
    await page.getByText('{"done":2.0}').waitFor();
    await expect.poll(() => log.count()).toBe(3);
    expect(faults).toEqual([]);
  });

  it('is restarted, canceled and deleted, each after a question', async () => {
    const { server, page, go } = await visit();
    const id = await pushed(server, { name: 'it', retry: { attempts: 1 } });
    await server.settle(await server.start(), failed(500, 'the worker answered 500'));
    await go(`/ui/jobs/${id}`);
    await page.getByText('the worker answered 500').first().waitFor();
    await page.getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('button', { name: 'Keep as it is' }).click();
    expect((await server.store.jobs.get(id))?.run).toBe(1);
    await page.getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL('**/ui/jobs');
    expect(await server.store.jobs.get(id)).toBeNull();
  });

  it('is run again as a copy, and with changes', async () => {
    const { server, page, go } = await visit();
    const id = await pushed(server, { name: 'it', payload: [1.5], priority: 3 });
    await go(`/ui/jobs/${id}`);
    await page.getByRole('button', { name: 'Run a copy' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Run a copy' }).click();
    await page.waitForURL((address) => !address.pathname.endsWith(id));
    await page.getByRole('link', { name: 'Edit and run' }).click();
    await expect.poll(() => page.getByLabel('Payload').inputValue()).toBe('[1.5]');
    await page.getByLabel('Payload').fill('[2.50]');
    await page.getByRole('button', { name: 'Push' }).click();
    await page.waitForURL(/jobs\/\d+$/);
    const made = await server.store.jobs.get(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    expect(made).toMatchObject({ name: 'it', payload: '[2.50]', priority: 3 });

    await page.getByRole('link', { name: 'Edit and run' }).click();
    await expect.poll(() => page.getByLabel('Payload').inputValue()).toBe('[2.50]');
    await page.getByLabel('Payload').fill('');
    const before = page.url();
    await page.getByRole('button', { name: 'Push' }).click();
    await page.waitForURL((address) => /jobs\/\d+$/.test(address.pathname) && address.href !== before);
    expect((await server.store.jobs.get(new URL(page.url()).pathname.split('/').at(-1) ?? ''))?.payload).toBe('null');
  });

  it('that is not there is said to be gone', async () => {
    const { page, go } = await visit();
    await go('/ui/jobs/7');
    await page.getByText('Ended jobs are kept only for job_lifetime').waitFor();
    expect(await page.title()).toBe('No job 7 · Hatstand');
    expect(await page.locator('h1').isVisible()).toBe(false);
  });

  it('stands at no other address', async () => {
    const { page, go } = await visit();
    await go('/ui/job/7');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});

describe('the push form', () => {
  it('pushes to any worker, and proposes those that are known', async () => {
    const { server, page, go } = await visit();
    await server.store.nodes.join(node('web.1', { serves: [{ worker: 'mail', queues: 'any' }] }), 60_000);
    await go('/ui/jobs/new');
    await expect
      .poll(() => page.locator('#workers option').evaluateAll((all) => all.map((each) => each.getAttribute('value'))))
      .toEqual(['mail']);
    await page.getByLabel('Worker').fill('mail');
    expect(await page.getByLabel('URL').isVisible()).toBe(false);
    await page.getByLabel('Payload').fill('[1]');
    await page.getByRole('button', { name: 'Push' }).click();
    await page.waitForURL(/jobs\/\d+$/);
    const job = await server.store.jobs.get(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    expect(job).toMatchObject({ worker: 'mail', url: '', payload: '[1]', headers: {} });
  });

  it('checks what was written, pushes it as it is and shows the job', async () => {
    const { server, page, go } = await visit();
    await go('/ui/jobs/new');
    await page.getByRole('button', { name: 'Push' }).click();
    await page.getByText('A URL is needed').waitFor();
    await page.getByLabel('URL').fill(url);
    await page.getByLabel('Payload').fill('{"n": 1.0,}');
    await page.getByText('This is not JSON').waitFor();
    await page.getByLabel('Payload').fill('{"n": 1.0}');
    await page.getByLabel('Headers').fill('X-Tenant: acme');
    await page.getByLabel('Timeout').fill('5m');
    await page.getByRole('button', { name: 'Push' }).click();
    await page.waitForURL(/jobs\/\d+$/);
    const job = await server.store.jobs.get(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    expect(job).toMatchObject({ url, payload: '{"n": 1.0}', headers: { 'X-Tenant': 'acme' }, manual: true, options: { timeout: 300_000 } });
  });
});

describe('queues', () => {
  it('are paused after a question and resumed at once', async () => {
    const { server, page, go } = await visit();
    await pushed(server, { queue: 'mail' });
    await go('/ui/queues');
    await page.getByRole('button', { name: 'Pause mail' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume mail' }).waitFor();
    expect((await server.store.queues.list())[0]?.paused).toBe(true);
    await page.getByRole('button', { name: 'Resume mail' }).click();
    await page.getByRole('button', { name: 'Pause mail' }).waitFor();
    expect((await server.store.queues.list())[0]?.paused).toBe(false);
  });
});

describe('nodes', () => {
  it('are drained after a question, resumed at once, and forgotten when they are gone', async () => {
    const { server, page, go, faults } = await visit();
    const { store } = server;
    await store.nodes.join(node('web.1', { name: 'web' }), 60_000);
    await store.nodes.join(node('old.1', { name: 'old' }), 60_000);
    await store.nodes.renew('web.1', 60_000, 0, { ...noLoad, running: 2, slots: 8 });
    await store.nodes.leave('old.1');
    await go('/ui/nodes');
    await page.getByText('2 of 8').waitFor();
    await page.getByRole('button', { name: 'Drain web' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('button', { name: 'Resume web' }).click();
    await page.getByRole('button', { name: 'Drain web' }).waitFor();
    expect((await store.nodes.list())[0]).toMatchObject({ incarnation: 'web.1', mode: 'active' });
    await page.getByRole('button', { name: 'Forget old' }).click();
    await page.getByText('old', { exact: true }).waitFor({ state: 'detached' });
    expect((await store.nodes.list()).map(({ incarnation }) => incarnation)).toEqual(['web.1']);
    expect(faults).toEqual([]);
  });

  it('are told apart by their incarnations where they share a name', async () => {
    const { server, page, go } = await visit({ width: 400 });
    const { store } = server;
    for (const incarnation of ['web.1', 'web.2']) await store.nodes.join(node(incarnation, { name: 'web' }), 60_000);
    await store.nodes.join(node('one.1', { name: 'one' }), 60_000);
    await store.nodes.leave('web.1');
    await store.nodes.steer('one', 'draining');
    await go('/ui/nodes');
    for (const incarnation of ['web.1', 'web.2', 'one.1']) await page.getByText(incarnation, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume one', exact: true }).waitFor();
    expect(await page.locator('.table').evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0);
    await page.getByRole('button', { name: 'Drain web.2', exact: true }).click();
    await page.getByRole('dialog').getByText('Drain the node web.2?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep as it is' }).click();
    await page.getByRole('button', { name: 'Forget web.1', exact: true }).click();
    await page.getByRole('button', { name: 'Drain web', exact: true }).waitFor();
    expect((await store.nodes.list()).map(({ incarnation }) => incarnation)).toEqual(['web.2', 'one.1']);
  });

  it('that are late are forgotten after a question, and new ones appear', async () => {
    const { server, page, go } = await visit();
    const { store } = server;
    await store.nodes.join(node('web.1', { name: 'web' }), 1);
    await go('/ui/nodes');
    await page.locator('tbody').getByText('late').waitFor();
    await store.nodes.join(node('new.1', { name: 'new' }), 60_000);
    await page.getByRole('button', { name: 'Drain new' }).waitFor();
    await page.getByRole('button', { name: 'Forget web' }).click();
    await page.getByRole('dialog').getByText('Is the node web dead?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('web', { exact: true }).waitFor({ state: 'detached' });
    expect(await page.locator('tbody tr').count()).toBe(1);
  });
});

describe('the frame', () => {
  it('asks once for the token and keeps it over a reload', async () => {
    const { page, go } = await visit({ token: 'secret' });
    await go('/ui/jobs');
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('not the token of this server').waitFor();
    await page.getByLabel('Token').fill('secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No jobs yet').waitFor();
    await page.reload();
    await page.getByText('No jobs yet').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('shows when the server is away, and goes on when it is back', async () => {
    const { page, go } = await visit();
    await go('/ui/jobs');
    await page.getByText('No jobs yet').waitFor();
    await page.route('**/v1/**', (route) => route.abort());
    await page.getByText('The server cannot be reached').waitFor();
    await page.unroute('**/v1/**');
    await page.getByText('The server cannot be reached').waitFor({ state: 'hidden' });
  });

  it('fits a narrow screen', async () => {
    const { server, page, go } = await visit({ width: 400 });
    const id = await pushed(server, { name: 'n'.repeat(300), payload: { text: 'x'.repeat(500) }, headers: { 'X-Long': 'y'.repeat(300) } });
    await server.settle(await server.start(), failed(500, 'z'.repeat(300)));
    await server.store.nodes.join(node('n'.repeat(100), { name: 'n'.repeat(100) }), 60_000);
    for (const path of ['/ui/jobs', `/ui/jobs/${id}`, '/ui/jobs/new', '/ui/queues', '/ui/nodes']) {
      await go(path);
      await page.locator('main :is(tbody tr, dl div, form)').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(400);
    }
  });

  it('is used by the keyboard alone', async () => {
    const { server, page, go } = await visit();
    await pushed(server, { name: 'it' });
    await go('/ui/jobs');
    await page.getByRole('link', { name: 'it', exact: true }).waitFor();
    await page.getByRole('link', { name: 'it', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Restart' }).waitFor();
  });
});

describe('text that is not what it seems', () => {
  const hostile = 'invoice\u202egpj.exe\u2066\u200e\u200b\u001b[2J';
  const shown = 'invoice\\u202egpj.exe\\u2066\\u200e\\u200b\\u001b[2J';
  /** What people are shown anywhere: texts, and what stands beside them. */
  const allText = `(() => [document.title, document.body.innerText,
    ...[...document.querySelectorAll('[title], [aria-label]')].flatMap((each) => [each.title, each.ariaLabel ?? ''])].join('|'))()`;

  it('is shown by its numbers wherever it stands: in the list, and on the page of the job', async () => {
    const { server, page, go, faults } = await visit();
    const fields = {
      name: hostile,
      comment: hostile,
      payload: { [hostile]: 1 },
      headers: { 'X-A': 'a' },
      retry: { attempts: 2, backoff: '1h' },
    };
    const id = await pushed(server, { ...fields, url: `${url}?${hostile.slice(0, 15)}` });
    const result = { ...noResult, statusCode: 500, error: hostile, output: `a\n\tb ${hostile}` };
    await server.settle(await server.start(), { kind: 'failed', result });
    for (const path of ['/ui/jobs', `/ui/jobs/${id}`]) {
      await go(path);
      await page.getByText(shown).first().waitFor();
      const text = String(await page.evaluate(allText));
      expect(text).toContain(shown);
      expect([...'\u202e\u2066\u200e\u200b\u001b'].filter((each) => text.includes(each))).toEqual([]);
    }
    expect(await page.title()).toContain(`${shown} scheduled`);
    expect(await page.locator('pre').first().textContent()).toContain(`"${shown}":1`);
    expect(await page.locator('.failure').textContent()).toBe(shown);
    expect(await page.locator('pre[aria-label=Output]').textContent()).toBe(`a\n\tb ${shown}`);
    expect(faults).toEqual([]);
  });

  it('and text from right to left turns nothing around it round', async () => {
    const { server, page, go } = await visit();
    await pushed(server, { name: 'שלום (1)', retry: { attempts: 2, backoff: '1h' } });
    await server.settle(await server.start(), failed(500, 'שגיאה 500'));
    await go('/ui/jobs');
    const name = page.getByRole('link', { name: 'שלום (1)' });
    await name.waitFor();
    const waits = page.locator('.waits');
    const styles = await page.evaluate(
      "['a.name', '.waits span', '.waits bdi'].map((each) => getComputedStyle(document.querySelector(each)).unicodeBidi)",
    );
    expect(styles).toEqual(['isolate', 'isolate', 'isolate']);
    const [before, after] = await Promise.all([waits.locator('span').boundingBox(), waits.locator('bdi').boundingBox()]);
    expect((before?.x ?? 0) + (before?.width ?? 0)).toBeLessThanOrEqual((after?.x ?? 0) + 1);
  });
});
