import { byId, fill, sign } from './element.js';
import { forgetLookups } from './lookups.js';
import { allPairs } from './record-types.js';
import { titleOf } from './records.js';
import { tableOf } from './twin-rows.js';

/** More changed rows than this at once are read by reading everything. */
const rowsOneByOne = 30;

/** Columns that change with every write and say nothing to the reader. */
const silent = /^(modifiedon|modifiedby|modifiedonbehalfby|createdon|createdby|createdonbehalfby|versionnumber)$/;

/**
 * Listens to the changes of both systems, brings the records up to date, and hands every change on to the crossings.
 * `users` says which ids are the app's; `changed` is called with the records of each batch.
 */
export function createChangeFeed({ records, crossings, users, changed }) {
  /** Latest change by side and record. */
  const last = new Map();
  let waiting = [];
  let running = false;

  const receive = (event) => {
    const change = JSON.parse(event.data);
    change.atMs = Date.parse(change.at);
    change.byApp = change.by === users[change.side].app;
    if (change.side === 'dataverse') forgetLookups(change.table);
    waiting.push(change);
    if (!running) void work();
  };
  const work = async () => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await readRows(batch);
      } catch {
        // The rows could not be read; what the changes say is still worth showing.
        setLive('bad', '✕', 'Rows could not be read; reload the page if this stays');
      }
      const touched = new Set();
      for (const change of batch) {
        const record = records.find(change);
        if (record !== undefined) touched.add(record);
        note(change, record);
      }
      changed(touched);
    }
    running = false;
  };
  const readRows = async (batch) => {
    const shown = batch.filter((change) => allPairs.some((pair) => tableOf(pair, change.side) === change.table));
    const rows = new Map(shown.map((change) => [`${change.side}/${change.table}/${change.key}`, change]));
    if (rows.size > rowsOneByOne) await records.load();
    else await Promise.all([...rows.values()].map((change) => records.refresh(change)));
  };
  const note = (change, record) => {
    // Contacts that are no customers, and tables that the page does not show.
    if (record === undefined) return;
    last.set(`${change.side}/${record.id}`, change);
    const { what, stays } = describe(change, record.pair);
    const title = [record.key, titleOf(record)].filter(Boolean).join(' ');
    const { side, atMs, byApp, operation } = change;
    crossings.add({ side, atMs, byApp, operation, recordId: record.id, title, what, stays });
  };

  return {
    start: () => {
      const source = new EventSource('api/changes?after=0');
      source.addEventListener('message', receive);
      source.addEventListener('open', () => setLive('good', '●', 'Live'));
      source.addEventListener('error', () =>
        setLive('bad', '○', 'Connection lost, trying again. Is “npm start” still running?'),
      );
    },
    lastChange: (side, record) => last.get(`${side}/${record.id}`),
  };
}

/** A change in words, and whether the map leaves it where it is. */
function describe({ side, operation, columns }, pair) {
  if (operation === 'create') return { what: 'created', stays: false };
  if (operation === 'delete') return { what: 'deleted', stays: pair.deletesStay === true };
  const fields = pair.fields.filter((field) => columns.includes(field[side]));
  const known = fields.map(({ label }) => label.toLowerCase());
  const own = pair[side];
  const others = columns.filter(
    (column) => !silent.test(column) && column !== own.id && !fields.some((field) => field[side] === column),
  );
  const names = [...known, ...others];
  const shown = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const stays =
    side === 'dataverse' && others.length === 0 && fields.length > 0 && fields.every(({ oneWay }) => oneWay);
  return { what: `changed ${shown || 'nothing'}${more}`, stays };
}

function setLive(kind, shape, word) {
  fill(byId('live'), sign(kind, shape, word));
}
