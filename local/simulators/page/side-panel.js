import { clock, h } from './element.js';
import { createFieldInput } from './field-input.js';
import { encodeValues } from './field-values.js';
import { sides } from './record-types.js';
import { deleteOne, saveOne } from './twin-rows.js';

/**
 * One side of the chosen record: its fields as inputs, saved together by Enter or the button. `update` shows new
 * values without touching what is being typed. `confirmDelete` asks the reader and resolves with the answer.
 */
export function createSidePanel({ record, side, confirmDelete }) {
  const error = h('p', { class: 'error', role: 'alert' });
  const version = h('code', { class: 'version' });
  const modified = h('span', {});
  const save = h('button', { type: 'submit', class: 'primary', disabled: true }, 'Save');
  const revert = h('button', { type: 'button', disabled: true }, 'Revert');
  const remove = h('button', { type: 'button', class: 'danger' }, 'Delete');
  const inputs = record.pair.fields.map((field, index) =>
    createFieldInput({ field, side, company: record.company, id: `${side}-${index}`, onInput: () => review() }),
  );
  const dirty = () => inputs.filter((input) => input.isDirty());
  const review = () => {
    const count = dirty().length;
    save.disabled = count === 0;
    revert.disabled = count === 0;
    save.textContent = count > 1 ? `Save ${count} changes` : 'Save';
  };
  const store = async () => {
    const changed = dirty();
    if (changed.length === 0) return;
    save.disabled = true;
    error.textContent = '';
    const typed = changed.map((input) => [input.field, input.value()]);
    try {
      const body = await encodeValues(side, typed, record.company);
      await saveOne(record.pair, side, record[side], body);
      for (const [index, input] of changed.entries()) input.saved(typed[index][1]);
    } catch (fault) {
      error.textContent = `Not saved: ${fault.message}`;
    }
    review();
  };
  const erase = async () => {
    if (!(await confirmDelete(record, side))) return;
    error.textContent = '';
    try {
      await deleteOne(record.pair, side, record[side]);
    } catch (fault) {
      error.textContent = `Not deleted: ${fault.message}`;
    }
  };
  const undo = () => {
    for (const input of dirty()) input.revert();
    error.textContent = '';
    review();
  };
  revert.addEventListener('click', undo);
  remove.addEventListener('click', erase);

  const buttons = h('footer', {}, save, revert, remove);
  const form = panelForm({
    side,
    facts: [h('span', {}, 'Version ', version), modified],
    error,
    inputs,
    buttons,
    store,
    undo,
  });
  return {
    element: form,
    /** `last`: the latest known change of the row, or undefined. */
    update: (row, equal, last) => {
      version.textContent = shortVersion(side, row.version);
      version.title = row.version;
      modified.textContent = modifiedText(row, last);
      for (const input of inputs) input.update(row.values.get(input.field), equal(input.field));
      review();
    },
  };
}

function panelForm({ side, facts, error, inputs, buttons, store, undo }) {
  const attributes = {
    class: `panel panel-${side}`,
    'aria-labelledby': `${side}-heading`,
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      void store();
    },
    onkeydown: (event) => {
      if (event.key === 'Escape') undo();
      // In a text of several lines, Enter alone begins a line.
      if (event.key === 'Enter' && event.ctrlKey) void store();
    },
  };
  const heading = h('h3', { id: `${side}-heading` }, sides[side].name);
  const header = h('header', {}, heading, h('p', { class: 'facts' }, facts), error);
  return h('form', attributes, header, ...inputs.map(({ element }) => element), buttons);
}

/** In place of a side where the record is not. */
export function absentPanel(record, side) {
  const { name, other } = sides[side];
  const there = record[other] !== null;
  return h(
    'div',
    { class: `panel panel-${side} absent`, role: 'group', 'aria-labelledby': `${side}-heading` },
    h('header', {}, h('h3', { id: `${side}-heading` }, name)),
    h(
      'p',
      {},
      there
        ? `Not in ${name} yet. Save a change in ${sides[other].name}: Twinwrite then creates it here.`
        : `Not in ${name}.`,
    ),
  );
}

/** F&O's etag holds pairs of record version and record id, of which only the versions ever change. */
function shortVersion(side, etag) {
  const inner = etag.replace(/^W\//, '').replaceAll('"', '');
  if (side === 'dataverse') return inner;
  try {
    const pairs = atob(inner).replaceAll("'", '').split(';');
    return pairs.map((pair) => pair.split(',')[0]).join('·');
  } catch {
    return inner;
  }
}

function modifiedText(row, last) {
  const atMs = last?.atMs ?? row.modifiedMs;
  if (atMs === null) return 'Not changed since the start';
  const who = last === undefined ? '' : last.byApp ? ' by Twinwrite' : ' by a person';
  return `Last modified ${clock(atMs)}${who}`;
}
