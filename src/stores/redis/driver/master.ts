/** Where the master of the store is: told by its URL, by its sentinels, or by the nodes of its Redis Cluster. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import { addressText, type RedisAddress, type RedisUrl } from '../../../core/redis-url.ts';
import { saidText } from './answers.ts';
import { type Connection, connect, type Login, type Reply } from './connection.ts';

export interface MasterFinder {
  /** Throws `store_unavailable` when nobody knows now, `store_unusable` when nobody will. */
  find(): Promise<RedisAddress>;
  /** What a server said; it is believed once, at the next `find`. */
  hint(address: RedisAddress): void;
}

interface Told {
  readonly master: RedisAddress;
  /** More servers that can be asked. */
  readonly others: readonly RedisAddress[];
}

type Ask = (connection: Connection) => Promise<Told>;

/** One server that is silent must not take the time of all. */
const askWithin: Millis = 1_000;
const mostKnown = 64;

/** `login`: at who is asked. `tag`: the hash tag of the store's keys, which decides its slot in a Redis Cluster. */
export function makeMasterFinder(url: RedisUrl, login: Login, tag: string): MasterFinder {
  const within = Math.min(askWithin, login.within);
  switch (url.kind) {
    case 'single': {
      const [only = { host: '', port: 0 }] = url.hosts;
      return { find: () => Promise.resolve(only), hint: () => {} };
    }
    case 'sentinel':
      return askInTurn(url.hosts, { ...login, within }, askSentinel(url.master ?? ''));
    case 'cluster':
      return askInTurn(url.hosts, { ...login, within }, askCluster(tag));
  }
}

/** Each time another one is asked first: the one that answered last may be on the wrong side of a split. */
function askInTurn(seeds: readonly RedisAddress[], login: Login, ask: Ask): MasterFinder {
  let known = [...seeds];
  let hinted: RedisAddress | null = null;

  async function askOne(address: RedisAddress): Promise<RedisAddress> {
    const connection = await connect(address, login);
    try {
      const { master, others } = await ask(connection);
      known = [...new Map([...known, ...others].map((each) => [addressText(each), each])).values()].slice(0, mostKnown);
      return master;
    } finally {
      connection.drop('it has answered');
    }
  }

  async function askAll(): Promise<RedisAddress> {
    const faults: string[] = [];
    for (const address of [...known]) {
      known = [...known.slice(1), ...known.slice(0, 1)];
      try {
        return await askOne(address);
      } catch (error) {
        if (error instanceof HatstandError && error.code === 'store_unusable') throw error;
        faults.push(messageOf(error));
      }
    }
    throw new HatstandError('store_unavailable', faults.join(' '));
  }

  return {
    hint(address) {
      hinted = address;
    },
    find() {
      const address = hinted;
      hinted = null;
      return address === null ? askAll() : Promise.resolve(address);
    },
  };
}

function askSentinel(name: string): Ask {
  return async (connection) => {
    const told = await answerOf(connection, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    const master = isList(told) ? addressOf(told, connection.address) : null;
    if (master !== null) return { master, others: [] };
    throw new HatstandError(
      'store_unusable',
      `The sentinel at ${addressText(connection.address)} knows no master ${JSON.stringify(name)}. Name one that it watches.`,
    );
  };
}

function askCluster(tag: string): Ask {
  let slot: number | null = null;
  return async (connection) => {
    slot ??= Number(await answerOf(connection, ['CLUSTER', 'KEYSLOT', `{${tag}}`]));
    const mine = slot;
    const told = await answerOf(connection, ['CLUSTER', 'SLOTS']);
    const ranges = (isList(told) ? told : []).map((range) => readRange(range, connection.address));
    const master = ranges.find(({ from, to }) => from <= mine && mine <= to)?.servers[0];
    if (master !== undefined) return { master, others: ranges.flatMap(({ servers }) => servers) };
    throw new HatstandError('store_unavailable', `The node at ${addressText(connection.address)} knows no master of slot ${mine}.`);
  };
}

interface SlotRange {
  readonly from: number;
  readonly to: number;
  /** The master first. */
  readonly servers: readonly RedisAddress[];
}

const isList = (reply: Reply | undefined): reply is readonly Reply[] => Array.isArray(reply);

/** `[from, to, [host, port, …], …]`. */
function readRange(range: Reply, asked: RedisAddress): SlotRange {
  const [from, to, ...servers] = isList(range) ? range : [];
  const addresses = servers.map((server) => (isList(server) ? addressOf(server, asked) : null));
  return { from: Number(from), to: Number(to), servers: addresses.filter((each) => each !== null) };
}

/** `[host, port]`; an empty host is the one that was asked. */
function addressOf([host, port]: readonly Reply[], asked: RedisAddress): RedisAddress | null {
  const number = Number(port);
  const name = typeof host === 'string' && host !== '' ? host : asked.host;
  return Number.isInteger(number) && number > 0 ? { host: name, port: number } : null;
}

async function answerOf(connection: Connection, [command = '', ...args]: readonly string[]): Promise<Reply> {
  const sent = await connection.send(command, args, askWithin);
  if (sent.kind === 'reply') return sent.reply;
  if (sent.kind !== 'error') throw connection.failure();
  const where = addressText(connection.address);
  const wanted = command === 'SENTINEL' ? 'a sentinel (redis+sentinel://)' : 'a node of a Redis Cluster (redis+cluster://)';
  if (/cluster support disabled|unknown command/i.test(sent.message)) {
    throw new HatstandError('store_unusable', `Redis at ${where} is not ${wanted}: ${saidText(sent.message)}.`);
  }
  const code = /^(NOAUTH|NOPERM)/.test(sent.message) ? 'store_unusable' : 'store_unavailable';
  const isLocked = command === 'SENTINEL' && sent.message.startsWith('NOAUTH');
  const advice = isLocked
    ? ' Give the login of the sentinels: store_sentinel_password, and store_sentinel_username if they have users.'
    : '';
  throw new HatstandError(code, `Redis at ${where} answered ${command} with: ${saidText(sent.message)}.${advice}`);
}
