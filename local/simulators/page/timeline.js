import { writesAcross } from './crossings.js';
import { byId, clock, duration, fill, h, sign } from './element.js';
import { sides } from './record-types.js';

const shownEntries = 60;

/** Shows the changes that cross, newest first, and the totals; `choose` is called with a record's id. */
export function createTimeline({ crossings, choose }) {
  let announced;
  return {
    render: () => {
      fill(byId('totals'), totals(crossings.totals()));
      const { entries } = crossings;
      fill(
        byId('timeline'),
        entries.length === 0
          ? h(
              'li',
              { class: 'quiet' },
              'Nothing yet. Change a field on either side and save it: the other side follows.',
            )
          : entries.slice(0, shownEntries).map((entry) => itemOf(entry, choose)),
      );
      const newest = entries.find(({ state }) => state === 'crossed');
      if (newest === undefined || newest === announced) return;
      announced = newest;
      byId('latest').textContent =
        `${newest.title}: crossed to ${otherOf(newest).name} in ${duration(newest.crossedMs)}.`;
    },
  };
}

function totals({ edits, waiting, writes, medianMs, p95Ms }) {
  const time = (ms) => (ms === null ? '–' : duration(ms));
  const shown = [
    ['Edits by people', edits],
    ['Waiting', waiting],
    ['Writes by Twinwrite', writes],
    ['Median', time(medianMs)],
    ['95 of 100 within', time(p95Ms)],
  ];
  return shown.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, String(value))));
}

function itemOf(entry, choose) {
  if (entry.kind === 'unprompted') return unpromptedItem(entry, choose);
  return h(
    'li',
    { class: `entry ${entry.state}` },
    h('p', { class: 'what' }, h('time', {}, clock(entry.atMs)), ` A person ${entry.what} in ${sides[entry.side].name}`),
    recordLink(entry, choose),
    h('p', { class: 'outcome' }, outcomeOf(entry), writeCount(entry)),
  );
}

function unpromptedItem(entry, choose) {
  const { name } = sides[entry.side];
  const what = entry.count === 1 ? entry.what : `wrote ${entry.count} times`;
  return h(
    'li',
    { class: 'entry unprompted' },
    h('p', { class: 'what' }, h('time', {}, clock(entry.atMs)), ` Twinwrite ${what} in ${name}`),
    entry.count === 1 && recordLink(entry, choose),
    h('p', { class: 'outcome' }, sign('quiet', '↻', 'copied by itself: first load, catch-up or a repair')),
  );
}

function recordLink(entry, choose) {
  return h('button', { type: 'button', class: 'link', onclick: () => choose(entry.recordId) }, entry.title);
}

function outcomeOf(entry) {
  const other = otherOf(entry).name;
  switch (entry.state) {
    case 'crossed':
      return entry.together
        ? sign('good', '✓', `crossed in ${duration(entry.crossedMs)}, together with the next edit`)
        : sign('good', '✓', `crossed in ${duration(entry.crossedMs)}`);
    case 'overruled':
      return sign('warn', '⇄', `a conflict: ${other} won, and Twinwrite put its value back here`);
    case 'settled':
      return sign('quiet', '=', 'both sides have the same: nothing to write');
    case 'stays':
      return sign('quiet', '⊘', 'stays here: the map does not carry it');
    default:
      return sign('waiting', '◔', `waiting for ${other}, ${duration(Math.max(0, Date.now() - entry.atMs))} so far`);
  }
}

/** One write is what an edit takes; more would be an echo. */
function writeCount(entry) {
  const count = writesAcross(entry) + entry.writesBack;
  if (count === 0) return undefined;
  if (count === 1) return h('span', { class: 'writes' }, '1 write');
  return sign('bad', '!', `${count} writes${entry.writesBack > 0 ? `, ${entry.writesBack} of them back` : ''}`);
}

function otherOf(entry) {
  return sides[sides[entry.side].other];
}
