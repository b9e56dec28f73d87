/** Nodes: who runs jobs, how many, and when it was last heard from. A node is drained before it is stopped, and forgotten when it is dead. */
import { getJson, request } from './api.js';
import { confirmed, el, localTime, relative, setState, setText, shortDuration } from './dom.js';
import { makeCells, makeTable } from './table.js';
import { explanation } from './words.js';

const number = 'number';
const wide = 'wide';

export function nodesPage(frame) {
  const columns = [
    ['Node'],
    ['Now'],
    ['Running', number],
    ['CPU', `${number} ${wide}`],
    ['Memory', `${number} ${wide}`],
    ['Heard', `${number} ${wide}`],
    ['Started', wide],
    ['Version', wide],
    ['Address', wide],
  ];
  const table = makeTable(
    columns,
    ({ incarnation }) => incarnation,
    (node) => makeRow(frame, node),
  );
  table.element.hidden = true;

  async function refresh() {
    const { nodes } = await getJson('/nodes');
    table.show(withTitles(nodes));
    table.element.hidden = false;
  }
  const hint =
    'Live nodes, and for a day those that are gone. Drain a node before you stop it: it starts no more jobs and keeps what runs.';
  const view = el(
    'section',
    { class: 'page' },
    el('h1', {}, 'Nodes'),
    el('p', { class: 'hint' }, hint),
    table.element,
    explanation('incarnation', 'lease', 'critical', 'late', 'buried', 'drain', 'forget'),
  );
  return { title: 'Nodes', view, refresh };
}

/** A node's title is its name; that of one of several with a name is its incarnation. */
function withTitles(nodes) {
  const namesakes = Map.groupBy(nodes, ({ name }) => name);
  return nodes.map((node) => ({ ...node, title: namesakes.get(node.name).length > 1 ? node.incarnation : node.name }));
}

/** What may be asked of a node in each condition: the button's word, the call, and what must be confirmed. */
const actions = {
  active: [
    'Drain',
    'POST',
    '/drain',
    (title) => `Drain the node ${title}? What it runs goes on; it starts no other jobs until it is resumed.`,
  ],
  critical: [
    'Drain',
    'POST',
    '/drain',
    (title) => `Drain the node ${title}? What it runs goes on; it starts no other jobs until it is resumed, also when it has recovered.`,
  ],
  draining: ['Resume', 'POST', '/resume', null],
  late: ['Forget', 'DELETE', '', (title) => `Is the node ${title} dead? What it ran is taken back now and runs again.`],
  buried: ['Forget', 'DELETE', '', null],
  left: ['Forget', 'DELETE', '', null],
};

const percent = ({ state }, use) => (state === 'live' && use !== null ? `${use} %` : '–');

function makeRow(frame, { incarnation, name, serverId }) {
  const cells = makeCells({
    running: number,
    cpu: `${number} ${wide}`,
    memory: `${number} ${wide}`,
    heard: `${number} ${wide}`,
    started: wide,
    version: wide,
    address: wide,
  });
  const badge = el('span', { class: 'state' });
  const button = el('button', { type: 'button', onclick: act });
  let now = 'active';
  let title = name;

  async function act() {
    const [verb, method, path, question] = actions[now];
    if (question !== null && !(await confirmed(question(title), verb, verb === 'Forget'))) return;
    await frame.act(async () => {
      await request(method, `/nodes/${encodeURIComponent(incarnation)}${path}`);
      await frame.refresh();
    });
  }

  function update(node) {
    now = node.condition;
    ({ title } = node);
    setState(badge, now);
    setText(button, actions[now][0]);
    button.setAttribute('aria-label', `${actions[now][0]} ${title}`);
    setText(cells.running, node.state === 'live' ? `${node.running} of ${node.slots}` : '–');
    setText(cells.cpu, percent(node, node.cpu));
    setText(cells.memory, percent(node, node.memory));
    setText(cells.heard, `${shortDuration(node.heardAgo)} ago`);
    setText(cells.started, relative(node.startedAt));
    cells.started.title = localTime(node.startedAt);
    setText(cells.version, node.version);
    setText(cells.address, node.address || '–');
  }

  const called = el('span', { class: 'name', title: `Server id ${serverId}, part of the ids of its jobs` }, name);
  const element = el(
    'tr',
    {},
    el('td', {}, called, el('div', { class: 'id' }, incarnation)),
    el('td', {}, badge),
    ...Object.values(cells),
    el('td', { class: number }, button),
  );
  return { element, update };
}
