// Writes examples/jobs.ndjson anew: the thousand jobs of the demo, the same ones every time.
import { writeFileSync } from 'node:fs';

/** Stands for the web app's address, which the demo puts in its place. */
const base = 'http://workerapp';
const total = 1_000;

/** mulberry32: the same numbers on every machine. */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = makeRandom(19_900);
const whole = (from, to) => from + Math.floor(random() * (to - from + 1));
const pick = (list) => list[whole(0, list.length - 1)];

const people = [
  'Ada Lovelace',
  'Grace Hopper',
  'Zoë Müller',
  'José Núñez',
  '山田 太郎',
  'Łukasz Żak',
  'Chinedu Okafor',
  'Åsa Öberg',
  'Đặng Thị Hoa',
];
const cities = ['Reykjavík', 'São Paulo', '東京', 'Kraków', 'Zürich', 'Lagos', 'Montréal'];
/** More digits than a JavaScript number keeps: it has to arrive as it was pushed. */
const bigId = () => `9007199254${whole(100_000, 999_999)}${whole(100, 999)}`;
const address = (name, n) =>
  `${
    name
      .normalize('NFD')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase() || 'taro'
  }.${n}@example.org`;

const mail = (template) => (n) => {
  const name = pick(people);
  return `{"order":${bigId()},"to":${JSON.stringify(address(name, n))},"name":${JSON.stringify(name)},"template":"${template}"}`;
};
const report = (period) => (n) =>
  `{"report":"${period}","tenant":${bigId()},"city":${JSON.stringify(pick(cities))},"page":${n},"total":${whole(1, 99_999) / 100}}`;
const thumbnail = (n) =>
  `{"image":"s3://photos/2026/${whole(1, 12)}/${bigId()}.jpg","width":${pick([160, 320, 640])},"crop":${n % 3 === 0},"quality":0.85}`;
const stock = (n) =>
  `{"warehouse":${JSON.stringify(pick(cities))},"sku":"HS-${whole(10_000, 99_999)}","batch":${bigId()},"count":${whole(0, 500)},"line":${n}}`;

/** How many of each, and what they are; what is left of the thousand are welcome mails. */
const kinds = [
  { name: 'mail-receipt', queue: 'mail', path: () => '/mail', payload: mail('receipt'), count: 180, priority: 5 },
  { name: 'report-daily', queue: 'reports', path: () => '/report', payload: report('daily'), count: 150 },
  { name: 'report-monthly', queue: 'reports', path: () => `/slow?ms=${whole(20, 200)}`, payload: report('monthly'), count: 25 },
  { name: 'thumbnail', queue: 'images', path: () => '/thumbnail', payload: thumbnail, count: 300 },
  { name: 'stock-sync', queue: 'shop', path: () => '/flaky', payload: stock, count: 40 },
  { name: 'charge-expired-card', queue: 'shop', path: () => '/fail', payload: mail('charge'), count: 30, attempts: 3 },
  {
    name: 'mail-reminder',
    queue: 'mail',
    path: () => '/mail',
    payload: mail('reminder'),
    count: 35,
    delay: () => `${whole(1, 20) * 100}ms`,
  },
];
const welcome = { name: 'mail-welcome', queue: 'mail', path: () => '/mail', payload: mail('welcome') };

const named = kinds.flatMap((kind) => Array.from({ length: kind.count }, () => kind));
const jobs = [...named, ...Array.from({ length: total - named.length }, () => welcome)];
for (let i = jobs.length - 1; i > 0; i--) {
  const j = whole(0, i);
  [jobs[i], jobs[j]] = [jobs[j], jobs[i]];
}

/** The payload is written as text: its big numbers are no JavaScript numbers. */
function lineOf({ name, queue, path, payload, priority, delay, attempts }, n) {
  const options = {
    name,
    queue,
    url: base + path(),
    ...(priority && { priority }),
    ...(delay && { delay: delay() }),
    ...(attempts && { retry: { attempts } }),
  };
  return `${JSON.stringify(options).slice(0, -1)},"payload":${payload(n)}}`;
}

const file = new URL('../examples/jobs.ndjson', import.meta.url);
writeFileSync(file, `${jobs.map((kind, i) => lineOf(kind, i + 1)).join('\n')}\n`);
