import { h } from './element.js';
import { lookupKeys } from './lookups.js';
import { sides } from './record-types.js';

const noteMs = 5000;

/** One field on one side: a labelled input that remembers what the system holds and what is being typed. */
export function createFieldInput({ field, side, company, id, onInput }) {
  const input = inputFor(field, id);
  const mark = h('span', { class: 'mark' });
  const note = h('span', { class: 'note', id: `${id}-note` });
  input.setAttribute('aria-describedby', `${id}-note`);
  const element = h(
    'div',
    { class: `field field-${field.kind}` },
    h('label', { for: id }, field.label, h('span', { class: 'hidden' }, ` in ${sides[side].name}`)),
    mark,
    input,
    note,
  );
  if (field.kind === 'lookup') element.append(suggestions(field, company, input, id));
  /** What the system holds; undefined before it was first shown. */
  let held;
  let timer;
  const say = (text, kind) => {
    clearTimeout(timer);
    note.textContent = text;
    element.dataset.note = kind;
    timer = setTimeout(() => {
      note.textContent = restingNote(field, side);
      delete element.dataset.note;
    }, noteMs);
  };
  note.textContent = restingNote(field, side);
  input.addEventListener('input', onInput);
  return {
    element,
    field,
    value: () => input.value,
    isDirty: () => held !== undefined && input.value !== held,
    revert: () => show(input, held),
    saved: (value) => {
      held = value;
      say('saved', 'saved');
    },
    /** `equal`: whether the other side has the same; undefined when the record is not there. */
    update: (read, equal) => {
      const value = asTyped(field, read);
      mark.textContent = equal === false ? '≠ differs' : '';
      if (value === held) return;
      const typing = held !== undefined && input.value !== held;
      if (held !== undefined) say(typing ? `meanwhile “${value}”` : 'changed just now', 'changed');
      held = value;
      if (!typing) show(input, value);
    },
  };
}

function restingNote(field, side) {
  return field.oneWay && side === 'dataverse' ? 'Follows F&O; a change here stays here.' : '';
}

function inputFor(field, id) {
  if (field.kind === 'memo') return h('textarea', { id, rows: 3 });
  if (field.kind === 'choice') {
    return h(
      'select',
      { id },
      field.choices.map(([symbol]) => h('option', { value: symbol }, symbol)),
    );
  }
  if (field.kind === 'number') return h('input', { id, type: 'number', step: 'any' });
  const list = field.kind === 'lookup' ? `${id}-options` : undefined;
  return h('input', { id, type: 'text', autocomplete: 'off', list });
}

/** Keys to choose from, read when the field is first entered. */
function suggestions(field, company, input, id) {
  const options = h('datalist', { id: `${id}-options` });
  input.addEventListener('focus', async () => {
    try {
      const keys = await lookupKeys(field.lookup, company);
      options.replaceChildren(...keys.map((key) => h('option', { value: key })));
    } catch {
      // Without suggestions the key can still be typed.
      options.replaceChildren();
    }
  });
  return options;
}

/** A select can only show what it has an option for. */
function show(input, value) {
  if (input.tagName === 'SELECT' && ![...input.options].some((option) => option.value === value)) {
    input.append(h('option', { value }, value === '' ? '(empty)' : value));
  }
  input.value = value;
}

/** The value as the input would give it back: browsers make line ends uniform, and drop them in one-line inputs. */
function asTyped(field, value) {
  return field.kind === 'memo' ? value.replaceAll('\r\n', '\n') : value.replaceAll(/[\r\n]/g, '');
}
