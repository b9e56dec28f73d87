/** Fields with a label, a hint and a place for what is wrong with them. */
import { el } from './dom.js';

const plain = { autocomplete: 'off', spellcheck: 'false' };
export const textInput = (props = {}) => el('input', { type: 'text', ...plain, ...props });
export const textArea = (rows, props = {}) => el('textarea', { rows, ...plain, ...props });

export function makeFields() {
  const inputs = {};
  const faults = {};

  function fault(name, message) {
    faults[name].hidden = message === '';
    faults[name].textContent = message;
    inputs[name].setAttribute('aria-invalid', String(message !== ''));
    return message === '';
  }

  return {
    inputs,
    /** Shows what is wrong with a field; nothing: it is right. Answers whether it is. */
    fault,
    field(name, label, hint, input) {
      inputs[name] = input;
      input.id = name;
      faults[name] = el('p', { class: 'fault', id: `${name}-fault`, role: 'alert', hidden: true });
      input.setAttribute('aria-describedby', `${name}-hint ${name}-fault`);
      const told = el('p', { class: 'hint', id: `${name}-hint` }, hint);
      return el('div', { class: 'field' }, el('label', { for: name }, label), input, told, faults[name]);
    },
    value: (name) => inputs[name].value.trim(),
    clear() {
      for (const name of Object.keys(inputs)) fault(name, '');
    },
    /** The reader goes on where the first fault is. */
    focusFault: () =>
      Object.values(inputs)
        .find((input) => input.getAttribute('aria-invalid') === 'true')
        ?.focus(),
  };
}
