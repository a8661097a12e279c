import type { Checkpoint, CheckpointStore } from '../../ports/checkpoint-store.ts';
import { keyPart } from './key-text.ts';
import { packText, unpackValue } from './row-json.ts';
import { type OperationCounts, openTable, type TableConnection } from './table.ts';

export interface TableCheckpointStore extends CheckpointStore {
  /** Creates the table if it does not exist yet. */
  ensureTables(): Promise<void>;
  /** Requests to the service so far, by table and kind. */
  operations(): OperationCounts;
}

/** Checkpoints in the table `checkpoints`: one row each. */
export function createTableCheckpointStore({ connection }: { connection: TableConnection }): TableCheckpointStore {
  const counts: OperationCounts = {};
  const table = openTable(connection, 'checkpoints', counts);
  const nameOf = (name: string) => ({ partitionKey: 'checkpoint', rowKey: keyPart(name) });
  return {
    ensureTables: () => table.ensure(),
    operations: () => ({ ...counts }),
    async load(name) {
      const row = await table.get(nameOf(name));
      return row === null ? null : { checkpoint: unpackValue<Checkpoint>(row), etag: row.etag };
    },
    async save(name, checkpoint, etag) {
      const row = { ...nameOf(name), ...packText(JSON.stringify(checkpoint)) };
      const result = await table.transact([etag === null ? ['create', row] : ['update', row, 'Replace', { etag }]]);
      return result.kind === 'done' ? (result.etags[0] ?? null) : null;
    },
  };
}
