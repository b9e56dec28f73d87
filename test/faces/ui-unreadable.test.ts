/** What the page tells of records that nobody can read. */
import { expect, it } from 'vitest';
import { pushed, visit } from './visit.ts';

it('is told above every page, with how many there are and where to look', async () => {
  const { server, page, go, faults } = await visit();
  await pushed(server, { name: 'sound' });
  await go('/ui');
  await page.getByRole('link', { name: 'sound' }).waitFor();
  expect(await page.locator('#unreadable').isHidden()).toBe(true);
  await server.store.upkeep.setAside(await server.push(), 'it was damaged');
  await go('/ui/queues');
  const notice = page.locator('#unreadable');
  await notice.getByText('1 record cannot be read and is set aside').waitFor();
  expect(await notice.textContent()).toContain('hatstand doctor');
  const picture = process.env['HATSTAND_PICTURES'];
  if (picture !== undefined) await page.screenshot({ path: `${picture}/unreadable.png` });
  expect(faults).toEqual([]);
});
