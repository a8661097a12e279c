import { createChangeFeed } from './change-feed.js';
import { createCrossings } from './crossings.js';
import { confirmDelete } from './dialog.js';
import { byId, h } from './element.js';
import { createFaults } from './faults.js';
import { refreshHealth } from './health.js';
import { askNewRecord } from './new-record.js';
import { createRecordDetail } from './record-detail.js';
import { createRecordList } from './record-list.js';
import { recordTypes } from './record-types.js';
import { createRecords, standing } from './records.js';
import { callApi } from './systems.js';
import { createTimeline } from './timeline.js';

const healthEveryMs = 5000;
const waitingEveryMs = 1000;
/** Twinwrite has had the time to write when both sides have been equal for so long. */
const settleMs = 2500;

const records = createRecords();
const crossings = createCrossings();
const faults = createFaults();
const timeline = createTimeline({ crossings, choose: (id) => choose(records.get(id)) });
const list = createRecordList({ records, choose: (record) => choose(record), chooseType });
const detail = createRecordDetail({
  confirmDelete,
  lastChange: (side, record) => feed?.lastChange(side, record),
  waiting: (record) => crossings.waiting().filter(({ recordId }) => recordId === record.id),
});
let feed;
let chosen;

function choose(record) {
  chosen = record;
  // The address keeps the choice over a reload.
  history.replaceState(null, '', `#${encodeURIComponent(record.type.id)}/${encodeURIComponent(record.id)}`);
  list.show(record.type, record);
  showChosen();
}

function chooseType(type) {
  const first = preferred(type);
  if (first !== undefined) return choose(first);
  chosen = undefined;
  list.show(type, undefined);
  detail.say(h('p', {}, `There is no ${type.one} yet. Create one with “New …”.`));
}

/** A newcomer is to see a record that is on both sides. */
function preferred(type) {
  const all = records.ofType(type);
  const usual = all.filter(({ pair }) => pair === type.pairs[0]);
  return usual.find((record) => standing(record) === 'equal') ?? usual[0] ?? all[0];
}

function showChosen() {
  if (chosen === undefined) return;
  if (standing(chosen) === 'gone') {
    detail.say(h('p', {}, `${chosen.key} is gone on both sides. Choose another record, or create one with “New …”.`));
  } else detail.show(chosen);
}

function changed(touched) {
  list.render();
  showChosen();
  timeline.render();
  setTimeout(() => settle(touched), settleMs);
}

/** Edits that brought both sides together by themselves wait for nothing. */
function settle(touched) {
  for (const record of touched) {
    const waits = crossings.waiting().filter(({ recordId }) => recordId === record.id);
    const old = waits.length > 0 && waits.every(({ atMs }) => Date.now() - atMs >= settleMs);
    if (old && ['equal', 'gone'].includes(standing(record))) crossings.settle(record.id);
  }
  timeline.render();
  showChosen();
}

function recordOfAddress() {
  const [, id] = location.hash.slice(1).split('/').map(decodeURIComponent);
  return id === undefined ? undefined : records.get(id);
}

async function start() {
  byId('new').addEventListener('click', () => void openNew());
  void faults.refresh();
  void refreshHealth();
  setInterval(() => {
    if (document.hidden) return;
    void refreshHealth();
    void faults.refresh();
  }, healthEveryMs);
  setInterval(() => {
    if (crossings.waiting().length > 0) timeline.render();
  }, waitingEveryMs);
  timeline.render();
  await connect();
}

async function connect() {
  try {
    const users = await callApi('GET', 'users');
    await records.load();
    feed = createChangeFeed({ records, crossings, users, changed });
    feed.start();
    const wanted = recordOfAddress();
    if (wanted !== undefined && standing(wanted) !== 'gone') choose(wanted);
    else chooseType(recordTypes[0]);
  } catch (fault) {
    byId('list-count').textContent = 'Nothing could be read.';
    detail.say(
      h('p', { role: 'alert' }, fault.message),
      h('button', { type: 'button', class: 'primary', onclick: () => void connect() }, 'Try again'),
    );
  }
}

async function openNew() {
  const type = recordTypes.find(({ id }) => id === byId('type').value);
  try {
    await askNewRecord(type);
  } catch (fault) {
    byId('list-count').textContent = fault.message;
  }
}

void start();
