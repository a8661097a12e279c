import { byId, fill, h, sign } from './element.js';
import { recordTypes } from './record-types.js';
import { standing, titleOf } from './records.js';

const signs = {
  equal: () => sign('good', '=', 'equal'),
  differs: () => sign('warn', '≠', 'differs'),
  finops: () => sign('one', '◧', 'F&O only'),
  dataverse: () => sign('one', '◨', 'Dataverse only'),
  gone: () => sign('quiet', '✕', 'deleted'),
};

/** How a record stands, as a sign with its word. */
export function standingSign(record) {
  return signs[standing(record)]();
}

const shows = {
  all: () => true,
  both: (stands) => stands === 'equal' || stands === 'differs',
  differs: (stands) => stands === 'differs',
  single: (stands) => stands === 'finops' || stands === 'dataverse',
};

/**
 * The picker and the list of records. `choose` is called with a record, `chooseType` with a type.
 */
export function createRecordList({ records, choose, chooseType }) {
  const list = byId('list');
  const search = byId('search');
  const show = byId('show');
  const typeSelect = byId('type');
  let type = recordTypes[0];
  let chosenId;

  fill(
    typeSelect,
    recordTypes.map(({ id, label }) => h('option', { value: id }, label)),
  );
  const render = () => {
    const all = records.ofType(type);
    const words = search.value.toLowerCase().split(/\s+/);
    const shown = all.filter((record) => {
      const text = `${record.company} ${record.key} ${titleOf(record)}`.toLowerCase();
      return shows[show.value](standing(record)) && words.every((word) => text.includes(word));
    });
    const focused = document.activeElement?.closest('#list button')?.dataset.id;
    fill(list, shown.length === 0 ? h('li', { class: 'quiet' }, emptyText(all, type)) : shown.map(itemOf));
    if (focused !== undefined) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    byId('list-count').textContent =
      shown.length === all.length ? `${all.length} records` : `${shown.length} of ${all.length} records`;
  };
  const itemOf = (record) =>
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          'data-id': record.id,
          'aria-current': record.id === chosenId ? 'true' : false,
          onclick: () => choose(record),
        },
        h('span', { class: 'title' }, titleOf(record) || '(no name)'),
        h('span', { class: 'key' }, [record.company.toUpperCase(), record.key].filter(Boolean).join(' · ')),
        standingSign(record),
      ),
    );

  search.addEventListener('input', render);
  show.addEventListener('change', render);
  typeSelect.addEventListener('change', () => chooseType(recordTypes.find(({ id }) => id === typeSelect.value)));
  list.addEventListener('keydown', moveFocus);
  return {
    render,
    show: (nextType, record) => {
      type = nextType;
      typeSelect.value = nextType.id;
      chosenId = record?.id;
      render();
      const current = list.querySelector('[aria-current]');
      // Only the list itself may scroll: the page stays where the reader is.
      if (current !== null) keepInView(list, current);
    },
  };
}

function emptyText(all, type) {
  if (all.length > 0) return 'No record matches. Clear the search, or show all.';
  return `There is no ${type.one} on either side yet. Create one with “New …”.`;
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

function keepInView(list, item) {
  const outer = list.getBoundingClientRect();
  const inner = item.getBoundingClientRect();
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}
