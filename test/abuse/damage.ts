/** Damages records behind a store's back, as a hand, a disk or another program might. */
import { DatabaseSync } from 'node:sqlite';
import { prefixOf } from '../../src/stores/redis/format/keys.ts';
import type { RedisServer } from '../support/redis-server.ts';

/** One way to damage the record of a job. */
export interface Damage {
  readonly what: string;
  /** In which state the job is. Default: ready. */
  readonly state?: 'ready' | 'running' | 'ended';
  /** It can still be shown, or there is nothing to show: nobody need be told. Default: no. */
  readonly isHarmless?: boolean;
  /** Stands in what is shown and written out of it. Default: whatever. */
  readonly raw?: string;
  /** @param id of the job */
  do(id: string): Promise<void>;
}

/** @param file the database, which the store has open */
export function sqliteDamages(file: string): readonly Damage[] {
  const run = (sql: string, ...cells: string[]): void => {
    const db = new DatabaseSync(file, { timeout: 5_000 });
    try {
      db.prepare(sql).run(...cells);
    } finally {
      db.close();
    }
  };
  const set = (what: string, assignment: string, state: Damage['state'] = 'ready'): Damage => ({
    what,
    state,
    do: async (id) => run(`UPDATE jobs SET ${assignment} WHERE id = ?`, id),
  });
  const attempt = (id: string, values: string): void => run(`INSERT INTO attempts VALUES (?, 1, ${values})`, id);
  return [
    set('a number that JavaScript does not reach', 'priority = 1 << 60'),
    set('an attempt after which none follows', 'attempt = 1 << 60'),
    set('the last fence of all', 'fence = 9223372036854775807'),
    set('a status of sixty bits', 'status_code = 1 << 60', 'ended'),
    set('a running job of sixty bits', 'lost = 1 << 60', 'running'),
    set('a time beyond all dates', 'created_at = 9000000000000000'),
    set('an end beyond all dates', 'ended_at = 9000000000000000', 'ended'),
    set('a state that there is not', 'state = 99'),
    set('a state of sixty bits', 'state = 1 << 60', 'ended'),
    set('a cause that there is not', 'cause = 77', 'ended'),
    set('options that are no JSON', "options = '{'"),
    { ...set('options that are no UTF-8', "options = CAST(x'7bff22' AS TEXT)"), raw: '"hex":"7bff22"' },
    set('options of another kind', "options = '[]'"),
    set('options with texts for numbers', `options = '{"retry":{"attempts":"x"}}'`, 'running'),
    set('headers that are no JSON', "headers = 'nope'"),
    set('headers with numbers', `headers = '{"a":1}'`, 'ended'),
    set('a payload that is no JSON', `payload = '{"a":1},"b":2'`, 'ended'),
    { ...set('a payload that is no UTF-8', "payload = CAST(x'22ff22' AS TEXT)"), isHarmless: true },
    {
      what: 'earlier attempts that cannot be read',
      isHarmless: true,
      async do(id) {
        attempt(id, "1, 1, 'x', 1, 1, 99, NULL, '', 0, '', NULL, ''");
        run("INSERT INTO attempts VALUES (?, 2, 1, 1, 'x', 1 << 60, 1, 2, NULL, '', 0, '', NULL, '')", id);
      },
    },
    { what: 'attempts of no job', isHarmless: true, do: async () => attempt('17', "1, 1, 'x', 1, 1, 2, NULL, '', 0, '', NULL, ''") },
  ];
}

export function redisDamages(server: RedisServer, cluster: string): readonly Damage[] {
  const key = (name: string): string => prefixOf(cluster) + name;
  const field = (id: string): string => id.padStart(19, '0');
  const put = (what: string, name: string, text: string, state: Damage['state'] = 'ready'): Damage => ({
    what,
    state,
    do: async (id) => void (await server.ask('HSET', key(name), field(id), text)),
  });
  /** Its words, some of them others. */
  const change = (what: string, words: Readonly<Record<number, string>>, state: Damage['state'] = 'ready'): Damage => ({
    what,
    state,
    async do(id) {
      const found = String(await server.ask('HGET', key('jobs'), field(id))).split(' ');
      await server.ask('HSET', key('jobs'), field(id), found.map((word, at) => words[at] ?? word).join(' '));
    },
  });
  const body = (...cells: string[]): string => `n[${cells.join(',')}]\n`;
  const options = '[null,1,1000,3600000,0,0]';
  return [
    put('a record that is none', 'jobs', 'garbage'),
    put('a record that is empty', 'jobs', ''),
    put('a record that was cut', 'jobs', '1 0 0 - - -'),
    put('a running record that is none', 'jobs', 'garbage', 'running'),
    put('an ended record that was cut', 'jobs', '4 0 17', 'ended'),
    change('a state that there is not', { 0: '9' }),
    change('an attempt that is a word', { 9: 'x' }),
    change('a priority that is a word', { 11: 'x' }),
    change('a due time beyond all dates', { 14: '9'.repeat(300) }),
    change('a start beyond all dates', { 5: '9'.repeat(20) }, 'ended'),
    put('a body that was cut', 'bodies', 'n["","'),
    put('a body without its end', 'bodies', 'x'),
    {
      what: 'a body that is no UTF-8',
      raw: 'body hex 4\n6e5bff00\n',
      async do(id) {
        await server.ask('EVAL', "return redis.call('HSET', KEYS[1], ARGV[1], 'n[\\255\\0')", '1', key('bodies'), field(id));
      },
    },
    put('a body with numbers for texts', 'bodies', body('1', '2', '3', '4', options, 'null')),
    put('options with texts for numbers', 'bodies', body('""', '""', '""', '""', '["x","y","z",0,0,0]', 'null'), 'running'),
    put('headers with numbers', 'bodies', body('""', '""', '""', '""', options, '{"a":1}')),
    put('a creation beyond all dates', 'bodies', body('""', '""', '""', '""', options, 'null', '""', 'null', '9'.repeat(20)), 'ended'),
    put('a payload that is no JSON', 'bodies', `i["","","","",${options},null]\n{"a":1},"b":2`, 'ended'),
    put('a result that is none', 'results', 'nothing', 'ended'),
    put('a status of sixty bits', 'results', '[1152921504606846976,0,""]\n', 'ended'),
    put('a cause that there is not', 'results', '[null,0,"",["x",""]]\n', 'ended'),
    {
      what: 'earlier attempts that cannot be read',
      isHarmless: true,
      do: async (id) => void (await server.ask('RPUSH', key(`attempts:${field(id)}`), 'garbage', '1 1 3 x y z failed\n[')),
    },
    {
      what: 'entries without a record',
      isHarmless: true,
      async do() {
        for (const name of ['ids', 'due', 'lane:http/q/0']) await server.ask('ZADD', key(name), '0', field('17'));
      },
    },
    {
      what: 'a record without its entries',
      isHarmless: true,
      async do(id) {
        for (const name of ['ids', 'lane:http/q/0']) await server.ask('ZREM', key(name), field(id));
      },
    },
    { what: 'counts that are none', isHarmless: true, do: async () => void (await server.ask('HSET', key('counts'), 'http/q', 'garbage')) },
  ];
}
