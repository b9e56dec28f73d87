import { describe, expect, it } from 'vitest';
import { hidden, hiddenHeader, isHiddenUrl, isSecretName, shownHeaders, shownTarget, shownUrl, withHidden } from './secret.ts';

describe('a name', () => {
  it.each([
    ...[
      'Authorization',
      'proxy-authorization',
      'Cookie',
      'Set-Cookie',
      'X-Auth',
      'X-Auth-Token',
      'X-Access-Token',
      'X-CSRF-Token',
      'token',
    ],
    ...['Webhook-Secret', 'client_secret', 'X-Password', 'passwd', 'X-Api-Key', 'apikey', 'Ocp-Apim-Subscription-Key', 'X-Goog-Api-Key'],
    ...['X-Hub-Signature-256', 'X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Security-Token', 'sig', 'key', 'X-Session-Id', 'X-JWT'],
    ...['x-functions-key'],
  ])('is secret: %s', (name) => expect(isSecretName(name)).toBe(true));

  it.each(['Content-Type', 'X-Tenant', 'X-Author', 'X-Request-Id', 'X-Partition-Key', 'Accept', 'X-Keyboard', 'X-Signal', 'monkey'])(
    'is none: %s',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});

describe('headers', () => {
  const headers = { Authorization: 'Bearer x', 'X-Tenant': 'acme', cookie: 'a=b' };
  const shown = { Authorization: hidden, 'X-Tenant': 'acme', cookie: hidden };

  it('are shown without the values of secret ones', () => {
    expect(shownHeaders(headers)).toEqual(shown);
    expect(shownHeaders({ 'X-A': hidden })).toEqual({ 'X-A': hidden });
  });

  it('that were shown and come back are what they were', () => {
    expect(withHidden({ ...shown, 'X-Tenant': 'other' }, headers)).toEqual({ ...headers, 'X-Tenant': 'other' });
    expect(withHidden({ authorization: hidden }, headers)).toEqual({ authorization: 'Bearer x' });
    expect(withHidden({ Authorization: 'Bearer new' }, headers)).toEqual({ Authorization: 'Bearer new' });
    expect(hiddenHeader(withHidden({ 'X-Token': hidden }, headers))).toBe('X-Token');
    expect(hiddenHeader(withHidden(shown, headers))).toBe(null);
    expect(hiddenHeader({ 'X-Tenant': hidden })).toBe(null);
  });
});

describe('an address', () => {
  it.each([
    ['http://a/b', 'http://a/b'],
    ['http://me:pw@a/b', 'http://me:***@a/b'],
    ['http://me:p@w:x@a/b@c', 'http://me:***@a/b@c'],
    ['http://ghp_token@a/', 'http://***@a/'],
    ['http://$&:$&@a/', 'http://$&:***@a/'],
    ['http://a/?x=1&token=abc&y=2#token=z', 'http://a/?x=1&token=***&y=2#token=***'],
    [
      'https://a/b?X-Amz-Credential=c%2Fd&X-Amz-Date=1&X-Amz-Signature=e',
      'https://a/b?X-Amz-Credential=***&X-Amz-Date=1&X-Amz-Signature=***',
    ],
    ['http://a/@b?api_key=&q=a@b', 'http://a/@b?api_key=&q=a@b'],
    ['ftp://me:secret@a/', 'ftp://me:***@a/'],
    ['nonsense?token=1', 'nonsense?token=***'],
    ['http://a/?to%6ben=x&%61pi%5Fkey=y', 'http://a/?to%6ben=***&%61pi%5Fkey=***'],
    ['http://a/#access_token=x&state=y', 'http://a/#access_token=***&state=y'],
    ['http://a/#/b?key=x', 'http://a/#/b?key=***'],
    ['http://a/?code=x&Key=y&sig=z&barcode=1&code=', 'http://a/?code=***&Key=***&sig=***&barcode=1&code='],
    ['//u:pw@h', '//u:***@h'],
    ['HTTP://me:p\\w@a:1/b@c', 'HTTP://me:***@a:1/b@c'],
    ['http:/u:pw@h/', 'http:/***@h/'],
    ['http:u:pw@h', 'http:***@h'],
    ['http:\\\\u:pw@h', 'http:\\\\***@h'],
    ['http:///u:pw@h', 'http:///***@h'],
    ['http://u:pw/x@h', 'http://***@h'],
    ['http://u:99999/x@h', 'http://***@h'],
    ['http://u:p@w:x/y@h/?token=z', 'http://***@h/?token=***'],
    ['http://u:p?w@h', 'http://***@h'],
    ['http://u:p#w@h', 'http://***@h'],
    ['http://u:p\nw/x@h', 'http://***@h'],
    ['http://u:pw%40h/', 'http://***@h/'],
    ['ghp_token@h', '***@h'],
    [' http://u:pw@h', '***@h'],
    ['http://[::1]:80/@b', 'http://[::1]:80/@b'],
    ['http://a:80?m=a@b', 'http://a:80?m=a@b'],
    ['http://a/%40b', 'http://a/%40b'],
    ['http://a/v1/webhooks/hook/s3cret', 'http://a/v1/webhooks/hook/***'],
    ['http://me:pw@a/jobs/v1/webhooks/hook/s3cret?domain=d', 'http://me:***@a/jobs/v1/webhooks/hook/***?domain=d'],
    ['http://a/v1/webhooks', 'http://a/v1/webhooks'],
  ])('is shown without its secrets: %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
    expect(shownUrl(shown)).toBe(shown);
    expect(isHiddenUrl(shown)).toBe(shown !== url);
    expect(isHiddenUrl(url)).toBe(false);
  });

  it('with stars elsewhere hides nothing', () => {
    expect(isHiddenUrl('http://a/***?x=***')).toBe(false);
  });
});

describe('what a request asks for', () => {
  it.each([
    ['/v1/jobs?token=s&q=a@b', '/v1/jobs?token=***&q=a@b'],
    ['/job?x=1&api_key=s&access%5Ftoken=s', '/job?x=1&api_key=***&access%5Ftoken=***'],
    ['/v1/jobs/1', '/v1/jobs/1'],
    ['/a@b', '/a@b'],
    ['http://me:s@a/v1/jobs?password=s', 'http://me:***@a/v1/jobs?password=***'],
    ['//me:s@a/', '//me:***@a/'],
    ['/v1/webhooks/hook/s3cret?domain=d', '/v1/webhooks/hook/***?domain=d'],
    ['/v1/%77ebhooks/hook/s3cret', '/v1/%77ebhooks/hook/***'],
    ['/%76%31/%77%65%62%68%6f%6F%6b%73/h%6fok/s3%63ret', '/%76%31/%77%65%62%68%6f%6F%6b%73/h%6fok/***'],
    ['//v1/webhooks/hook/s3cret', '//v1/webhooks/hook/***'],
    ['/v1//webhooks//hook//s3cret', '/v1//webhooks//hook//***'],
    ['/v1/webhooks%2Fhook%2fs3cret', '/v1/webhooks%2Fhook%2f***'],
    ['http://host/v1/webhooks/hook/s3cret?domain=d', 'http://host/v1/webhooks/hook/***?domain=d'],
    ['/v1/webhooks/hook', '/v1/webhooks/hook'],
  ])('%s is shown without its secrets', (target, shown) => expect(shownTarget(target)).toBe(shown));
});
