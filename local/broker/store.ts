import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Message } from './mailbox.ts';

/**
 * The broker's state on disk. Every call is written before it returns, so that what a client was told to be stored
 * survives the end of the process, even a SIGKILL. Locks are not stored: a start releases them all.
 */
export interface Store {
  /** Runs the writes in `work` as one transaction. */
  transaction(work: () => void): void;
  insert(queue: string, message: Message): void;
  /** Writes everything but the sequence number and the ids, which never change. */
  update(queue: string, message: Message): void;
  remove(queue: string, sequence: number): void;
  saveNextSequence(queue: string, next: number): void;
  rememberId(queue: string, messageId: string, atMs: number): void;
  forgetIds(queue: string, beforeMs: number): void;
  /** Null removes the state. */
  saveSessionState(queue: string, sessionId: string, state: Buffer | null): void;
  load(queue: string): StoredQueue;
  close(): void;
}

/** What a queue holds at the start: messages in the order of their sequence numbers. */
interface StoredQueue {
  readonly messages: Message[];
  readonly nextSequence: number;
  readonly ids: { readonly messageId: string; readonly atMs: number }[];
  readonly sessionStates: Map<string, Buffer>;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    queue TEXT, sequence INTEGER, dead INTEGER, state TEXT, message_id TEXT, session_id TEXT, enqueued_at INTEGER,
    scheduled_at INTEGER, time_to_live INTEGER, delivery_count INTEGER, payload BLOB, PRIMARY KEY (queue, sequence));
  CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, next_sequence INTEGER);
  CREATE TABLE IF NOT EXISTS ids (queue TEXT, message_id TEXT, at INTEGER, PRIMARY KEY (queue, message_id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS session_states (queue TEXT, session_id TEXT, state BLOB, PRIMARY KEY (queue, session_id));`;

function messageOf(row: Record<string, SQLOutputValue>): Message {
  const optional = (value: SQLOutputValue | undefined): number | null => (typeof value === 'number' ? value : null);
  const state = row['state'];
  return {
    sequence: Number(row['sequence']),
    state: state === 'deferred' || state === 'scheduled' ? state : 'active',
    dead: row['dead'] === 1,
    messageId: String(row['message_id']),
    sessionId: typeof row['session_id'] === 'string' ? row['session_id'] : null,
    enqueuedAtMs: Number(row['enqueued_at']),
    scheduledAtMs: optional(row['scheduled_at']),
    timeToLiveMs: optional(row['time_to_live']),
    deliveryCount: Number(row['delivery_count']),
    payload: bytesOf(row['payload']),
    lock: null,
  };
}

const bytesOf = (value: SQLOutputValue | undefined): Buffer =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0);

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // The exclusive lock keeps a second broker off the same file; the operating system frees it when the process ends.
    // NORMAL is safe against the end of the process, only not against the loss of power.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec(SCHEMA);
    return database;
  } catch (cause) {
    database.close();
    throw new Error(`The broker's state file ${path} cannot be opened; is another broker using it?`, { cause });
  }
}

function loadQueue(database: DatabaseSync, queue: string): StoredQueue {
  const messages = database.prepare('SELECT * FROM messages WHERE queue = ? ORDER BY sequence').all(queue);
  const counter = database.prepare('SELECT next_sequence FROM queues WHERE name = ?').get(queue);
  const ids = database.prepare('SELECT message_id, at FROM ids WHERE queue = ? ORDER BY at').all(queue);
  const states = database.prepare('SELECT session_id, state FROM session_states WHERE queue = ?').all(queue);
  return {
    messages: messages.map(messageOf),
    nextSequence: counter === undefined ? 1 : Number(counter['next_sequence']),
    ids: ids.map((row) => ({ messageId: String(row['message_id']), atMs: Number(row['at']) })),
    sessionStates: new Map(states.map((row) => [String(row['session_id']), bytesOf(row['state'])])),
  };
}

/**
 * Opens the state file, or a store in memory when no path is given.
 * Throws an Error that names the file when it cannot be opened or another broker has it open.
 */
export function openStore(path: string | undefined): Store {
  const database = openDatabase(path ?? ':memory:');
  const insert = database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const update = database.prepare(
    `UPDATE messages SET dead = ?, state = ?, enqueued_at = ?, delivery_count = ?, payload = ?
     WHERE queue = ? AND sequence = ?`,
  );
  const remove = database.prepare('DELETE FROM messages WHERE queue = ? AND sequence = ?');
  const counter = database.prepare('INSERT OR REPLACE INTO queues VALUES (?, ?)');
  const remember = database.prepare('INSERT OR REPLACE INTO ids VALUES (?, ?, ?)');
  const forget = database.prepare('DELETE FROM ids WHERE queue = ? AND at < ?');
  const state = database.prepare('INSERT OR REPLACE INTO session_states VALUES (?, ?, ?)');
  const stateless = database.prepare('DELETE FROM session_states WHERE queue = ? AND session_id = ?');

  return {
    transaction(work) {
      database.exec('BEGIN');
      try {
        work();
        database.exec('COMMIT');
      } catch (fault) {
        database.exec('ROLLBACK');
        throw fault;
      }
    },
    insert(queue, m) {
      const place = [queue, m.sequence, m.dead ? 1 : 0, m.state, m.messageId, m.sessionId] as const;
      insert.run(...place, m.enqueuedAtMs, m.scheduledAtMs, m.timeToLiveMs, m.deliveryCount, m.payload);
    },
    update(queue, m) {
      update.run(m.dead ? 1 : 0, m.state, m.enqueuedAtMs, m.deliveryCount, m.payload, queue, m.sequence);
    },
    remove: (queue, sequence) => void remove.run(queue, sequence),
    saveNextSequence: (queue, next) => void counter.run(queue, next),
    rememberId: (queue, messageId, atMs) => void remember.run(queue, messageId, atMs),
    forgetIds: (queue, beforeMs) => void forget.run(queue, beforeMs),
    saveSessionState: (queue, sessionId, value) =>
      void (value === null ? stateless.run(queue, sessionId) : state.run(queue, sessionId, value)),
    load: (queue) => loadQueue(database, queue),
    close: () => database.close(),
  };
}
