import { odata } from '@azure/data-tables';
import type { TableMap } from '../../core/map/table-map.ts';
import type { InstalledMap, MapStatus, MapStore, StatusReason } from '../../ports/map-store.ts';
import { keyPart } from './key-text.ts';
import { packText, unpackValue } from './row-json.ts';
import { type OperationCounts, openTable, type TableConnection } from './table.ts';

export interface TableMapStore extends MapStore {
  /** Creates the table if it does not exist yet. */
  ensureTables(): Promise<void>;
  /** Requests to the service so far, by table and kind. */
  operations(): OperationCounts;
}

const PARTITION = 'map';

/** Installed maps in the table `maps`: one row each, with the status beside the map. */
export function createTableMapStore({ connection }: { connection: TableConnection }): TableMapStore {
  const counts: OperationCounts = {};
  const table = openTable(connection, 'maps', counts);
  const nameOf = (mapId: string) => ({ partitionKey: PARTITION, rowKey: keyPart(mapId) });
  return {
    ensureTables: () => table.ensure(),
    operations: () => ({ ...counts }),
    async list() {
      const rows = await table.all(odata`PartitionKey eq ${PARTITION}`);
      return rows.map((row) => ({ map: unpackValue<TableMap>(row), status: statusOf(row), ...reasonOf(row) }));
    },
    async install(map, status) {
      const text = packText(JSON.stringify(map));
      await table.save({ ...nameOf(map.id), status, version: map.version, ...text }, 'Replace');
    },
    async standing(mapId) {
      const row = await table.get(nameOf(mapId));
      return { status: statusOf(row), version: row === null ? null : String(row['version']) };
    },
    async statuses(mapIds) {
      const rows = await table.all(odata`PartitionKey eq ${PARTITION}`, ['rowKey', 'status']);
      const byName = new Map(rows.map((row) => [row.rowKey, row]));
      return new Map(mapIds.map((mapId) => [mapId, statusOf(byName.get(keyPart(mapId)) ?? null)]));
    },
    async setStatus(mapId, status, reason) {
      const said = reason === undefined ? '' : JSON.stringify({ ...reason, message: cut(reason.message) });
      if (await table.amend({ ...nameOf(mapId), status, reason: said })) return;
      throw new Error(`The map ${mapId} is not installed; install it first.`);
    },
  };
}

/** A property of Table Storage holds 64 KB; a message is far shorter, but it quotes what another system answered. */
const REASON_LENGTH = 4_000;

function cut(message: string): string {
  return message.slice(0, REASON_LENGTH);
}

function reasonOf(row: Readonly<Record<string, unknown>>): Pick<InstalledMap, 'reason'> {
  const said = row['reason'];
  return typeof said === 'string' && said !== '' ? { reason: JSON.parse(said) as StatusReason } : {};
}

/** A map that nobody installed writes nothing. */
function statusOf(row: Readonly<Record<string, unknown>> | null): MapStatus {
  return row === null ? 'stopped' : (row['status'] as MapStatus);
}
