/** What people write into the page, right or wrong: it is checked by the server, and told where it was written. */
import { describe, expect, it } from 'vitest';
import { pushed, url, type Visit, visit } from './visit.ts';

const idIn = (address: string): string => new URL(address).pathname.split('/').at(-1) ?? '';

async function pushForm(
  options: Parameters<typeof visit>[0] = {},
): Promise<Visit & { fill(fields: Readonly<Record<string, string>>): Promise<void> }> {
  const opened = await visit(options);
  const { page } = opened;
  await opened.go('/ui/jobs/new');
  return {
    ...opened,
    async fill(fields) {
      for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
      await page.getByRole('button', { name: 'Push', exact: true }).click();
    },
  };
}

describe('the push form', () => {
  it('says when, how often and in which order a job runs', async () => {
    const { server, page, fill, faults } = await pushForm();
    await fill({ URL: url, Priority: '-5', Timeout: 'none', Attempts: '7', Backoff: '2s', 'Longest backoff': '1m', Delay: '3h' });
    await page.waitForURL(/jobs\/\d+$/);
    const job = await server.store.jobs.get(idIn(page.url()));
    expect(job).toMatchObject({
      state: 'scheduled',
      priority: -5,
      options: { timeout: null, retry: { attempts: 7, backoff: 2_000, maxBackoff: 60_000 } },
    });
    expect((job?.dueAt ?? 0) - (job?.createdAt ?? 0)).toBe(10_800_000);
    expect(faults).toEqual([]);
  });

  it('takes a time, and leaves what is empty to the server', async () => {
    const { server, page, fill } = await pushForm();
    await fill({ URL: url, At: '2099-01-31T12:00:00Z' });
    await page.waitForURL(/jobs\/\d+$/);
    expect(await server.store.jobs.get(idIn(page.url()))).toMatchObject({
      dueAt: Date.UTC(2099, 0, 31, 12),
      queue: 'default',
      priority: 0,
      options: { timeout: 30_000, retry: { attempts: 20, backoff: 1_000, maxBackoff: 3_600_000 } },
    });
  });

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['URL', { URL: 'ftp://example.org/' }, 'url must begin with http:// or https://, not "ftp://example.org/".'],
    ['Name', { Name: 'n'.repeat(1_025) }, 'name must be a text of at most 1024 characters such as "welcome mail", not "nnn'],
    ['Headers', { Headers: 'Host: x' }, 'The header "Host" is set by Hatstand or the connection; leave it out.'],
    ['Headers', { Headers: 'X-A: 1\nx-a: 2' }, 'The header x-a stands there twice.'],
    ['Headers', { Headers: 'none' }, '“none” is not a header such as X-Tenant: acme.'],
    ['Headers', { Headers: '__proto__: x' }, '__proto__'],
    ['Payload', { Payload: '[' }, 'This is not JSON'],
    [
      'Queue',
      { Queue: 'a b' },
      'queue must be 1 to 128 letters, digits, dots, dashes or underscores, and not only dots, such as "mail", not "a b".',
    ],
    ['Priority', { Priority: 'high' }, 'priority must be a whole number from -1000000 to 1000000, not "high".'],
    ['Timeout', { Timeout: 'soon' }, 'timeout must be a duration such as'],
    ['Attempts', { Attempts: '0' }, 'retry.attempts must be a whole number from 1 to 1000, not 0.'],
    ['Backoff', { Backoff: '5' }, 'retry.backoff must be a duration such as'],
    ['Longest backoff', { 'Longest backoff': '11y' }, 'retry.maxBackoff must be a duration such as'],
    ['Delay', { Delay: '5000d' }, 'delay must be at most 3653d (ten years), not "5000d"'],
    ['At', { At: '2026-02-30' }, 'at must be a time that exists such as'],
    ['At', { At: '2099-01-31', Delay: '5m' }, 'delay and at both say when the job begins; give one of them.'],
  ])('tells at the field %s what is wrong: %o', async (label, written, told) => {
    const { server, page, fill } = await pushForm();
    await fill({ URL: url, ...written });
    const input = page.getByLabel(label, { exact: true });
    await expect.poll(() => input.getAttribute('aria-invalid')).toBe('true');
    const fault = page.locator(`#${(await input.getAttribute('id')) ?? ''}-fault`);
    expect(await fault.textContent()).toContain(told);
    expect(await fault.getAttribute('role')).toBe('alert');
    expect(await input.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    expect(await server.store.jobs.count()).toEqual([]);
    expect(await page.getByRole('button', { name: 'Push', exact: true }).isEnabled()).toBe(true);
  });

  it('of a copy has what the original has, and keeps what is emptied', async () => {
    const { server, page, go } = await visit();
    const id = await pushed(server, {
      queue: 'mail',
      priority: 4,
      timeout: null,
      retry: { attempts: 3, backoff: '5s' },
      headers: { 'X-A': '1' },
    });
    await go(`/ui/jobs/new?from=${id}`);
    await expect.poll(() => page.getByLabel('Attempts').inputValue()).toBe('3');
    expect(await page.getByLabel('Timeout').inputValue()).toBe('none');
    expect(await page.getByLabel('Delay').count()).toBe(0);
    await page.getByLabel('Backoff', { exact: true }).fill('');
    await page.getByLabel('Attempts').fill('5');
    await page.getByRole('button', { name: 'Push', exact: true }).click();
    await page.waitForURL(/jobs\/\d+$/);
    expect(await server.store.jobs.get(idIn(page.url()))).toMatchObject({
      queue: 'mail',
      priority: 4,
      headers: { 'X-A': '1' },
      options: { timeout: null, retry: { attempts: 5, backoff: 5_000 } },
    });
  });

  it("of a copy of a function's job has nothing of HTTP", async () => {
    const { server, page, go } = await visit();
    const { json } = await server.ask('POST', '/v1/jobs', { body: { worker: 'resize', payload: 1 } });
    await go(`/ui/jobs/new?from=${json['id']}`);
    await expect.poll(() => page.getByLabel('Payload').inputValue()).toBe('1');
    expect([await page.getByLabel('URL').isVisible(), await page.getByLabel('Headers').isVisible()]).toEqual([false, false]);
    await page.getByLabel('Payload').fill('2');
    await page.getByRole('button', { name: 'Push', exact: true }).click();
    await page.waitForURL(/jobs\/\d+$/);
    expect(await server.store.jobs.get(idIn(page.url()))).toMatchObject({ worker: 'resize', payload: '2', url: '' });
  });

  it('keeps one job however often it is pushed while the server seems away', async () => {
    const { server, page, fill } = await pushForm();
    await page.route('**/v1/jobs', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.route('**/v1/stats', (route) => route.abort());
    await fill({ URL: url });
    await page.getByRole('alert').getByText('Push again when it is back: the job is kept once.').waitFor();
    await page.unroute('**/v1/jobs');
    await page.unroute('**/v1/stats');
    await page.locator('#banner').waitFor({ state: 'hidden' });
    await fill({});
    await page.waitForURL(/jobs\/\d+$/);
    expect(await server.store.jobs.count()).toMatchObject([{ counts: { queued: 1 } }]);
  });
});

describe('the filter', () => {
  it.each([
    ['colour:red', 'There is no filter field "colour"'],
    ['state:failled', 'There is no state "failled"; did you mean failed?'],
    ['name:"open', 'A quotation mark is open'],
    ['created:2h', 'created: takes a time with < or >'],
    [`name:${'x'.repeat(1_100)}`, 'q must be a text of at most 1024 characters'],
  ])('says what is wrong with %s, beside itself', async (filter, told) => {
    const { page, go } = await visit();
    await go('/ui/jobs');
    await page.getByLabel('Filter').fill(filter);
    await page.getByLabel('Filter').press('Enter');
    await page.locator('#filter-fault').getByText(told).waitFor();
    expect(await page.getByLabel('Filter').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#banner').isVisible()).toBe(false);
    await page.getByLabel('Filter').fill('state:failed');
    await page.getByLabel('Filter').press('Enter');
    await page.getByText('No jobs match').waitFor();
    expect(await page.locator('#filter-fault').isVisible()).toBe(false);
  });
});

describe('what else is written', () => {
  it('a token that no server can have is wrong, and not an absent server', async () => {
    const { page, go } = await visit({ token: 'secret' });
    await go('/ui/jobs');
    for (const wrong of ['Schlüssel', 'two words', '€']) {
      await page.getByLabel('Token').fill(wrong);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('not the token of this server').waitFor();
    }
    await page.getByLabel('Token').fill('secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No jobs yet').waitFor();
  });

  it.each(['99999999999999999999', '0', '1'])('the address of the job %s, which is not there, is told', async (id) => {
    const { page, go } = await visit();
    await go(`/ui/jobs/${id}`);
    await page
      .getByText(/There is no job|id must be/)
      .first()
      .waitFor();
  });

  it('an action that nobody answers is said to be unknown, and the page goes on when the server is back', async () => {
    const { server, page, go } = await visit();
    const id = await pushed(server);
    await go(`/ui/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.route('**/v1/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByText('it is not known whether this was done').or(page.getByText('cannot be reached')).waitFor();
    await page.unroute('**/v1/**');
    await page.locator('#banner').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
  });
});
