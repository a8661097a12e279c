import type { InstalledMap, MapStatus, MapStore } from '../../ports/map-store.ts';

/** Maps and their status within the process. */
export function createMemoryMapStore(): MapStore {
  const installed = new Map<string, InstalledMap>();
  // A map that nobody installed writes nothing.
  const statusOf = (mapId: string): MapStatus => installed.get(mapId)?.status ?? 'stopped';
  return {
    list: async () => [...installed.values()],
    install: async (map, status) => {
      installed.set(map.id, { map, status });
    },
    standing: async (mapId) => ({ status: statusOf(mapId), version: installed.get(mapId)?.map.version ?? null }),
    statuses: async (mapIds) => new Map(mapIds.map((mapId) => [mapId, statusOf(mapId)])),
    setStatus: async (mapId, status, reason) => {
      const known = installed.get(mapId);
      if (known === undefined) throw new Error(`The map ${mapId} is not installed; install it first.`);
      installed.set(mapId, { map: known.map, status, ...(reason === undefined ? {} : { reason }) });
    },
  };
}
