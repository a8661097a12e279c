import type { InstalledMap, MapStore } from '../../ports/map-store.ts';

/** Maps and their status within the process. */
export function createMemoryMapStore(): MapStore {
  const installed = new Map<string, InstalledMap>();
  return {
    list: async () => [...installed.values()],
    install: async (map, status) => {
      installed.set(map.id, { map, status });
    },
    // A map that nobody installed writes nothing.
    status: async (mapId) => installed.get(mapId)?.status ?? 'stopped',
    setStatus: async (mapId, status) => {
      const known = installed.get(mapId);
      if (known === undefined) throw new Error(`The map ${mapId} is not installed; install it first.`);
      installed.set(mapId, { map: known.map, status });
    },
  };
}
