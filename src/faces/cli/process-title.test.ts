import { expect, it } from 'vitest';
import { shownArgs } from './process-title.ts';

it.each([
  [['serve', '--token', 's3cret', '-l', 'debug'], 'serve --token *** -l debug'],
  [['serve', '--token=s3cret', '--store-password=s3cret'], 'serve --token=*** --store-password=***'],
  [
    ['serve', '-redis-password', 's3cret', '--store-sentinel-password', 's3cret'],
    'serve -redis-password *** --store-sentinel-password ***',
  ],
  [['serve', '--store', 'redis://me:s3cret@h:1/2'], 'serve --store redis://me:***@h:1/2'],
  [['serve', '--store=redis://:s3cret@h'], 'serve --store=redis://:***@h'],
  [['push', 'http://h/?token=s3cret', '-H', 'Authorization: Bearer s3cret'], 'push http://h/?token=*** -H Authorization: ***'],
  [['push', 'http://h/', '-p', '{"a": 1}', '-H', 'X-Tenant: acme'], 'push http://h/ -p {"a": 1} -H X-Tenant: acme'],
])('hides what is secret in %j', (args, shown) => {
  expect(shownArgs(args).join(' ')).toBe(shown);
});
