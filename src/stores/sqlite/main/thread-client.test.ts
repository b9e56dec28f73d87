import { expect, it } from 'vitest';
import type { HatstandError } from '../../../core/errors.ts';
import { openThreadClient } from './thread-client.ts';

it('a thread that fails before it is open rejects the opening, and that alone', async () => {
  const failures: HatstandError[] = [];
  const entry = 'missing' as 'reader';
  const opening = openThreadClient({ entry, data: {}, onFailure: (error) => failures.push(error) });
  await expect(opening).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(failures).toEqual([]);
});
