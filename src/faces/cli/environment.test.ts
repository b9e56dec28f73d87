import { describe, expect, it } from 'vitest';
import { envName, keyNames } from '../../config/keys.ts';
import { emptyVariables, misspeltVariables } from './environment.ts';

describe('misspeltVariables', () => {
  const told = (...names: readonly string[]): readonly string[] => misspeltVariables(Object.fromEntries(names.map((name) => [name, 'x'])));

  it.each([
    ['HATSTAND_TOKN', 'HATSTAND_TOKEN'],
    ['HATSTAND_ADRESS', 'HATSTAND_ADDRESS'],
    ['HATSTAND_CONFG', 'HATSTAND_CONFIG'],
    ['HATSTAND_LOGLEVEL', 'HATSTAND_LOG_LEVEL'],
    ['HATSTAND_STORE_PASS', 'HATSTAND_STORE_PASSWORD'],
  ])('takes %s for %s', (name, meant) => {
    expect(told(name)).toEqual([`The environment variable ${name} is not known and not used; did you mean ${meant}?`]);
  });

  it('says nothing of what is known, is set by a platform, or is like nothing that is known', () => {
    expect(told(...keyNames.map(envName), 'HATSTAND_ADDRESS', 'HATSTAND_TOKEN', 'HATSTAND_CONFIG')).toEqual([]);
    expect(told('HATSTAND_PORT', 'HATSTAND_PORT_19900_TCP', 'HATSTAND_PORT_19900_TCP_PORT', 'HATSTAND_SERVICE_PORT_HTTP')).toEqual([]);
    expect(told('HATSTAND_BRANCH_PREVIEW', 'HQ_CONFG', 'PATH')).toEqual([]);
  });
});

describe('emptyVariables', () => {
  const env = { HATSTAND_TOKEN: '', HATSTAND_STORE: '', HATSTAND_DATA_DIR: 'x', HATSTAND_OTHER: '', HQ_CONFIG: '' };
  const told = (name: string): string => `The environment variable ${name} is empty, which counts as not set.`;

  it('tells those that the command reads', () => {
    expect(emptyVariables(env, true)).toEqual([told('HATSTAND_TOKEN'), told('HATSTAND_STORE')]);
    expect(emptyVariables(env, false)).toEqual([told('HATSTAND_TOKEN')]);
  });
});
