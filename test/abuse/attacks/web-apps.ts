/** Jobs, and the web apps that they are sent to: hostile answers, redirects that lead astray, headers that are not theirs to set. */
import type { Attack, Target } from '../attack.ts';
import { type HostileApp, hostileBehaviours, ok, redirect, startHostileApp } from '../hostile-app.ts';
import { scaled } from '../scale.ts';
import { send } from '../sending.ts';

interface Told {
  readonly id: string;
  readonly state: string;
  readonly cause: string | null;
  readonly error: string;
}

/** Room for a large answer comes back as soon as those before it are taken. */
const mostRefused = 1_000;

/** Under HQ's rules, of which redirects and headers are. Answers it when it has ended. */
async function run({ server }: Target, url: string, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
  const body = JSON.stringify({ url, headers, timeout: 2 });
  const pushed = await send(server.address, { method: 'POST', path: '/job', body });
  const id = /"id":"(\d+)"/.exec(pushed.text)?.[1];
  if (id === undefined) throw new Error(`the job was not taken: ${pushed.came} ${pushed.text}`);
  for (let refused = 0; ; refused++) {
    const ended = await fetch(`${server.address}/v1/jobs/${id}/wait?timeout=20s`);
    if (ended.ok) return (await ended.json()) as Told;
    const told = await ended.text();
    // It has a large output, and others that are as large are on their way.
    if (ended.status !== 503 || refused > mostRefused) throw new Error(`the job was not shown: ${ended.status} ${told}`);
  }
}

const outcomeOf = ({ state, cause }: Told): string => (cause === null ? state : `${state}: ${cause}`);

async function withApp(behave: Parameters<typeof startHostileApp>[0], use: (app: HostileApp) => Promise<void>): Promise<void> {
  const app = await startHostileApp(behave);
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

const hostile: Attack = {
  name: 'hostile answers of web apps',
  isHeld: true,
  comes: /^(succeeded|failed: (answer|timeout|malformed|reset))$/,
  async play(target, came) {
    const each = scaled(1, 8);
    const behaviours = Object.values(hostileBehaviours);
    const one = (behave: (typeof behaviours)[number]): Promise<void> =>
      withApp(behave, async ({ url }) => {
        for (const told of await Promise.all(Array.from({ length: each }, () => run(target, url)))) came.add(outcomeOf(told));
      });
    for (let n = 0; n < behaviours.length; n += 6) await Promise.all(behaviours.slice(n, n + 6).map(one));
  },
};

const astray: Attack = {
  name: 'redirects to this server, to themselves and to no HTTP',
  comes: /^refused$/,
  async play(target, came) {
    const { port } = new URL(target.server.address);
    const own = ['127.0.0.1', 'localhost', '127.1', '0.0.0.0', '[::ffff:127.0.0.1]', '127.8.9.1'].map(
      (host) => `http://${host}:${port}/job`,
    );
    for (const location of [...own, '/', 'file:///etc/passwd', 'ftp://127.0.0.1/', '//', 'http://'])
      await withApp(redirect(307, location), async ({ url }) => {
        const told = await run(target, url);
        came.add(told.state === 'failed' && told.error !== '' ? 'refused' : `${outcomeOf(told)} behind ${location}`);
      });
  },
};

const secrets = {
  Authorization: 'Bearer secret',
  Cookie: 'a=secret',
  'X-Api-Key': 'secret',
  'X-Auth-Token': 'secret',
  'X-Signature': 'secret',
  'Proxy-Authorization': 'Basic secret',
};
const ours = { 'X-Hatstand-Fence': 'forged', 'x-hatstand-attempt': 'forged', 'Idempotency-Key': 'forged', 'X-Hq-Job-Id': 'forged' };

const leaking: Attack = {
  name: 'redirects to another origin, with secrets',
  comes: /^secrets kept back$/,
  async play(target, came) {
    await withApp(ok, (other) =>
      withApp(redirect(307, other.url), async ({ url }) => {
        const told = await run(target, url, { ...secrets, 'X-Plain': 'shown' });
        const head = other.heads.join('');
        const isKept = told.state === 'succeeded' && head.includes('shown') && !head.includes('secret');
        came.add(isKept ? 'secrets kept back' : `${outcomeOf(told)}: ${head}`);
      }),
    );
  },
};

const forging: Attack = {
  name: 'headers of ours, set by jobs',
  comes: /^as ours alone$/,
  async play(target, came) {
    await withApp(ok, async (app) => {
      const told = await run(target, app.url, ours);
      const head = app.heads.join('');
      const ids = head.match(/^x-hq-job-id: .*$/gim) ?? [];
      const isOurs = told.state === 'succeeded' && !head.includes('forged') && ids.length === 1 && ids[0]?.includes(told.id) === true;
      came.add(isOurs ? 'as ours alone' : `${outcomeOf(told)}: ${head}`);
    });
  },
};

export const webAppAttacks: readonly Attack[] = [hostile, astray, leaking, forging];
