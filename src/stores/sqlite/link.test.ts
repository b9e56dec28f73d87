import { expect, it } from 'vitest';
import type { HatstandError } from '../../core/errors.ts';
import { openLink } from './link.ts';

it('a thread that fails before it is open rejects the opening, and that alone', async () => {
  const failures: HatstandError[] = [];
  const entry = 'missing' as 'reader';
  const opening = openLink({ entry, data: {}, youngMegabytes: 6, onFailure: (error) => failures.push(error) });
  await expect(opening).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(failures).toEqual([]);
});
