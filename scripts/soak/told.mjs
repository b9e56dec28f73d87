// What a soak asks of triggers, webhooks, events and logs.
import { get } from 'node:http';

const oneOf = (values) => values[Math.floor(Math.random() * values.length)];
const verbs = ['CREATED', 'UPDATED', 'UPDATED', 'UPDATED', 'DELETED', 'NOTIFIED'];
/** Milliseconds for which a follower hears events, before it leaves. */
const listening = 5_000;

/** Triggers that stand for the whole soak. Those of a time fire by themselves, twice a second in all. */
const standing = (app) => [
  { id: 'soak-every', type: '@every', arguments: '1s', url: `${app}/mail`, message: { to: 'every' } },
  { id: 'soak-cron', type: '@cron', arguments: '*/2 * * * * *', worker: 'talk', message: { lines: 3 }, overlap: 'one' },
  { id: 'soak-event', type: '@event', arguments: 'soak.orders:CREATED,DELETED', url: `${app}/mail`, message: { to: 'event' } },
  { id: 'soak-field', type: '@event', arguments: 'soak.*:UPDATED:!=:state', url: `${app}/report`, message: { report: 'state' } },
  {
    ...{ id: 'soak-gather', type: '@event', arguments: 'soak.*:UPDATED', url: `${app}/mail`, message: { to: 'all' } },
    debounce: { wait: '1s', maxWait: '3s' },
  },
  { id: 'soak-hook', type: '@webhook', url: `${app}/mail` },
  { id: 'soak-hooks', type: '@webhook', url: `${app}/mail`, message: { to: 'hooks' }, debounce: { wait: '1s', maxWait: '3s' } },
];

/**
 * @param ask of the load: resolves with the text of an answer
 * @param address of the server
 * @param app address of the web app
 */
export function makeTold(ask, address, app) {
  const hooks = [];
  const followers = new Set();
  let made = 0;

  const post = (path, body, expected, more = {}) => ask('POST', path, { body: JSON.stringify(body), expected, ...more });

  async function begin() {
    for (const trigger of standing(app)) {
      const { webhook } = JSON.parse(await post('/v1/triggers', trigger, [201]));
      if (webhook !== null) hooks.push(webhook);
    }
  }

  function anEvent() {
    const number = Math.floor(Math.random() * 200);
    const [state, old] = [oneOf(['new', 'paid', 'sent']), oneOf(['new', 'paid'])];
    const key = Math.random() < 0.2 ? { key: `event-${Math.floor(made / 10)}` } : {};
    made += 1;
    return {
      type: oneOf(['soak.orders', 'soak.files']),
      verb: oneOf(verbs),
      id: `n${number}`,
      doc: { state },
      old: { state: old },
      ...key,
    };
  }

  const publish = () => post('/v1/events', anEvent(), [200]);

  function publishMany() {
    const events = Array.from({ length: 20 }, anEvent);
    if (Math.random() < 0.5) return post('/v1/events', events, [200]);
    return ask('POST', '/v1/events', { body: events.map((event) => JSON.stringify(event)).join('\n'), type: 'application/x-ndjson' });
  }

  /** Some of these calls come twice. */
  function call() {
    const headers = { 'webhook-id': `call-${Math.floor(made++ / 2)}` };
    return post(oneOf(hooks), { to: 'hook', pad: 'x'.repeat(200) }, [202], { headers });
  }

  /** One that fires soon and is gone then, changed before, or deleted. */
  async function addAndChange() {
    const id = `soak-${made++}`;
    await post('/v1/triggers', { id, type: '@in', arguments: '3s', url: `${app}/mail`, message: { to: 'in' } }, [201]);
    if (Math.random() < 0.5) await ask('PATCH', `/v1/triggers/${id}`, { body: '{"message":{"to":"changed"}}', expected: [200, 404] });
    if (Math.random() < 0.3) await ask('DELETE', `/v1/triggers/${id}`, { expected: [204, 404] });
  }

  async function pauseAndResume() {
    await ask('POST', '/v1/triggers/soak-every/pause');
    await ask('POST', '/v1/triggers/soak-every/resume');
  }

  /** Hears for some seconds, on a connection of its own, and leaves. */
  function follow() {
    const sent = get(`${address}/v1/events?topic=soak.*&topic=hatstand.jobs`, { agent: false }, (answer) => {
      answer.resume().on('error', () => {});
      setTimeout(() => sent.destroy(), listening).unref();
    });
    followers.add(sent);
    sent.on('error', () => {}).once('close', () => followers.delete(sent));
  }

  return {
    begin,
    /** Weight and action. */
    mix: [
      [4, publish],
      [0.5, publishMany],
      [4, call],
      [1, addAndChange],
      [1, () => ask('GET', '/v1/triggers?limit=20')],
      [1, () => ask('GET', '/v1/triggers/soak-event')],
      [0.3, () => ask('GET', '/v1/triggers/soak-cron/next')],
      [0.3, () => post('/v1/triggers/soak-cron/launch', {}, [200, 201])],
      [0.2, pauseAndResume],
      [0.3, follow],
    ],
    stop() {
      for (const each of followers) each.destroy();
    },
  };
}
