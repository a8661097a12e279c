import { byId, clock, fill, h, sign } from './element.js';
import { standingSign } from './record-list.js';
import { sides } from './record-types.js';
import { sameOnBoth, titleOf } from './records.js';
import { absentPanel, createSidePanel } from './side-panel.js';

/**
 * The chosen record, both sides next to each other. `lastChange` gives the latest known change of a row, `waiting` the
 * edits of a record that have not crossed yet.
 */
export function createRecordDetail({ confirmDelete, lastChange, waiting }) {
  const place = byId('record');
  /** What is on the page now; built anew only when another record is chosen or a side comes or goes. */
  let built;

  const build = (record) => {
    const heading = h('h2', {});
    const status = h('p', { class: 'standing', role: 'status' });
    const panels = {};
    for (const side of ['finops', 'dataverse']) {
      if (record[side] !== null) panels[side] = createSidePanel({ record, side, confirmDelete });
    }
    const elements = ['finops', 'dataverse'].map((side) => panels[side]?.element ?? absentPanel(record, side));
    fill(
      place,
      h(
        'div',
        { class: 'card' },
        h('div', { class: 'heading' }, heading, status),
        h('div', { class: 'panels' }, elements),
      ),
    );
    return { record, shape: shapeOf(record), heading, status, panels };
  };

  return {
    /** Shows a message instead of a record. */
    say: (...children) => {
      built = undefined;
      fill(place, h('div', { class: 'card empty' }, children));
    },
    show: (record) => {
      const same = built !== undefined && built.record === record && built.shape === shapeOf(record);
      if (!same) built = build(record);
      const { heading, status, panels } = built;
      fill(
        heading,
        titleOf(record) || '(no name)',
        h('span', { class: 'key' }, ` ${[record.company.toUpperCase(), record.key].filter(Boolean).join(' · ')}`),
      );
      fill(status, standingSign(record), ...waiting(record).slice(-1).map(waitingSign));
      const onBoth = record.finops !== null && record.dataverse !== null;
      for (const [side, panel] of Object.entries(panels)) {
        panel.update(
          record[side],
          (field) => (onBoth ? sameOnBoth(record, field) : undefined),
          lastChange(side, record),
        );
      }
    },
  };
}

function waitingSign(edit) {
  const { other, short } = sides[edit.side];
  return sign('waiting', '◔', `change in ${short} at ${clock(edit.atMs)} is waiting for ${sides[other].short}`);
}

function shapeOf(record) {
  return `${record.finops !== null}/${record.dataverse !== null}`;
}
