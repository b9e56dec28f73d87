/** A table of things that have names: a row each, changed in place, so that focus and selection survive a refresh. */
import { el } from './dom.js';

/**
 * @param {readonly (readonly [text: string, cls?: string])[]} columns the last column, of buttons, is added
 * @param {(thing: any) => string} nameOf what the row is known by
 * @param {(thing: any) => { element: HTMLElement, update(thing: any): void }} makeRow
 */
export function makeTable(columns, nameOf, makeRow) {
  const rows = new Map();
  const body = el('tbody');
  const head = el('tr', {}, ...columns.map(([text, cls]) => el('th', { scope: 'col', class: cls }, text)));
  head.append(el('th', { scope: 'col' }, el('span', { class: 'hidden' }, 'Actions')));

  function show(things) {
    const names = new Set(things.map(nameOf));
    for (const [name, { element }] of rows) {
      if (names.has(name)) continue;
      element.remove();
      rows.delete(name);
    }
    things.forEach((thing, at) => {
      const name = nameOf(thing);
      const row = rows.get(name) ?? makeRow(thing);
      rows.set(name, row);
      row.update(thing);
      if (body.children[at] !== row.element) body.insertBefore(row.element, body.children[at] ?? null);
    });
  }
  return { element: el('div', { class: 'table' }, el('table', {}, el('thead', {}, head), body)), show };
}

/** Empty cells by the names of what they show, with these classes. */
export const makeCells = (classes) => Object.fromEntries(Object.entries(classes).map(([key, cls]) => [key, el('td', { class: cls })]));
