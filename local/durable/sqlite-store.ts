import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type {
  DurableStore,
  EntityRecord,
  InstanceFilter,
  InstanceRecord,
  StoreChange,
  StoredMessage,
} from './store.ts';

const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 4000;
  CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, created INTEGER NOT NULL, record TEXT NOT NULL, input TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS instances_by_status ON instances (status, created);
  CREATE TABLE IF NOT EXISTS history (
    id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (id, seq)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (key INTEGER PRIMARY KEY, target TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS entities (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS schedules (name TEXT PRIMARY KEY, status TEXT NOT NULL) WITHOUT ROWID;
`;

/**
 * Keeps the engine's state in a SQLite file. A commit survives the death of the process; after a power failure the
 * newest commits may be gone, but never half of one (SQLite, "Write-Ahead Logging": synchronous=NORMAL). One process
 * at a time: throws when another host has the file open.
 */
export function openSqliteStore(path: string): DurableStore {
  const database = openExclusively(path);
  const apply = createWriter(database);
  const one = createReader(database);
  const selectHistory = database.prepare('SELECT event FROM history WHERE id = ? ORDER BY seq');
  const selectMessages = database.prepare('SELECT key, target, body FROM messages ORDER BY key');
  return {
    commit(changes) {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const change of changes) {
          apply(change);
        }
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    instance: (instanceId) => parseOrNull<InstanceRecord>(one.record(instanceId)),
    input: (instanceId) => one.input(instanceId) ?? 'null',
    history: (instanceId) => selectHistory.all(instanceId).map((row) => String(row['event'])),
    list: (filter) => listInstances(database, filter),
    messages: () =>
      selectMessages.all().map((row) => ({
        key: Number(row['key']),
        target: String(row['target']),
        body: JSON.parse(String(row['body'])) as StoredMessage['body'],
      })),
    entity: (entityId) => parseOrNull<EntityRecord>(one.entity(entityId)),
    schedule: (name) => one.schedule(name),
    close: () => database.close(),
  };
}

function openExclusively(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    const locked = error instanceof Error && error.message.includes('locked');
    throw locked ? new Error(`The durable state ${path} is in use by another host.`, { cause: error }) : error;
  }
}

function createReader(database: DatabaseSync) {
  const text =
    (statement: StatementSync, column: string) =>
    (key: string): string | null => {
      const value = statement.get(key)?.[column];
      return typeof value === 'string' ? value : null;
    };
  return {
    record: text(database.prepare('SELECT record FROM instances WHERE id = ?'), 'record'),
    input: text(database.prepare('SELECT input FROM instances WHERE id = ?'), 'input'),
    entity: text(database.prepare('SELECT record FROM entities WHERE id = ?'), 'record'),
    schedule: text(database.prepare('SELECT status FROM schedules WHERE name = ?'), 'status'),
  };
}

function parseOrNull<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

function createWriter(database: DatabaseSync): (change: StoreChange) => void {
  const insert = database.prepare(
    'INSERT OR REPLACE INTO instances (id, status, created, record, input) VALUES (?, ?, ?, ?, ?)',
  );
  const update = database.prepare('UPDATE instances SET status = ?, created = ?, record = ? WHERE id = ?');
  const setInput = database.prepare('UPDATE instances SET input = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM instances WHERE id = ?');
  const append = database.prepare('INSERT INTO history (id, seq, event) VALUES (?, ?, ?)');
  const clear = database.prepare('DELETE FROM history WHERE id = ?');
  const putMessage = database.prepare('INSERT OR REPLACE INTO messages (key, target, body) VALUES (?, ?, ?)');
  const deleteMessage = database.prepare('DELETE FROM messages WHERE key = ?');
  const putEntity = database.prepare('INSERT OR REPLACE INTO entities (id, record) VALUES (?, ?)');
  const putSchedule = database.prepare('INSERT OR REPLACE INTO schedules (name, status) VALUES (?, ?)');
  const writers: { [Op in StoreChange['op']]: (change: Extract<StoreChange, { op: Op }>) => void } = {
    'create-instance': ({ record, input }) =>
      insert.run(record.instanceId, record.status, record.createdAt, JSON.stringify(record), input),
    'update-instance': ({ record }) =>
      update.run(record.status, record.createdAt, JSON.stringify(record), record.instanceId),
    'set-input': ({ instanceId, input }) => setInput.run(input, instanceId),
    'delete-instance': ({ instanceId }) => {
      remove.run(instanceId);
      clear.run(instanceId);
    },
    'append-history': ({ instanceId, from, events }) => {
      events.forEach((event, index) => {
        append.run(instanceId, from + index, event);
      });
    },
    'clear-history': ({ instanceId }) => clear.run(instanceId),
    'put-message': ({ message }) => putMessage.run(message.key, message.target, JSON.stringify(message.body)),
    'delete-message': ({ key }) => deleteMessage.run(key),
    'put-entity': ({ record }) => putEntity.run(record.entityId, JSON.stringify(record)),
    'put-schedule': ({ name, status }) => putSchedule.run(name, status),
  };
  return (change) => (writers[change.op] as (change: StoreChange) => void)(change);
}

function listInstances(database: DatabaseSync, filter: InstanceFilter): InstanceRecord[] {
  const marks = filter.statuses?.map(() => '?').join(', ');
  const statusClause = marks === undefined ? '' : `AND status IN (${marks})`;
  const rows = database
    .prepare(
      `SELECT record FROM instances
       WHERE created >= ? AND created <= ? AND substr(id, 1, length(?)) = ? ${statusClause}
       ORDER BY created, id LIMIT ? OFFSET ?`,
    )
    .all(
      filter.createdFrom ?? 0,
      filter.createdTo ?? Number.MAX_SAFE_INTEGER,
      filter.idPrefix ?? '',
      filter.idPrefix ?? '',
      ...(filter.statuses ?? []),
      filter.limit ?? -1,
      filter.offset ?? 0,
    );
  return rows.map((row) => JSON.parse(String(row['record'])) as InstanceRecord);
}
