import type { StateStore } from '../../shared/ports/state-store.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * A state store of which each operation waits for its step first. What follows from an answer touches nothing that is
 * shared before the next operation, so a step before each is all the interleavings there are. Nothing asked, no step.
 */
export function interleavedState(state: StateStore, scheduler: Scheduler, random: Random): StateStore {
  return {
    ...state,
    loadLinks: async (mapId, keys) => {
      if (keys.length === 0) return new Map();
      await scheduler.step('load');
      return state.loadLinks(mapId, keys);
    },
    cachedLinks: (mapId, keys) => (keys.length > 0 && random.chance(0.5) ? state.cachedLinks(mapId, keys) : new Map()),
    commit: async (commits) => {
      if (commits.length === 0) return [];
      await scheduler.step('commit');
      return state.commit(commits);
    },
    findIds: async (mapId, side, table, ids) => {
      if (ids.length === 0) return new Map();
      await scheduler.step('find');
      return state.findIds(mapId, side, table, ids);
    },
    rememberIds: async (mapId, side, table, entries) => {
      if (entries.length === 0) return;
      await scheduler.step('ids');
      await state.rememberIds(mapId, side, table, entries);
    },
    park: async (changes) => {
      if (changes.length === 0) return;
      await scheduler.step('park');
      await state.park(changes);
    },
    removeParked: async (stored) => {
      await scheduler.step('unpark');
      return state.removeParked(stored);
    },
    addWaiter: async (awaited, identity, mapId) => {
      await scheduler.step('waiter');
      await state.addWaiter(awaited, identity, mapId);
    },
    listWaiters: async (mapId, keys) => {
      if (keys.length === 0) return [];
      await scheduler.step('waiters');
      return state.listWaiters(mapId, keys);
    },
    takeDeletions: async (mapId, wanted, limit) => {
      await scheduler.step('deletions');
      return state.takeDeletions(mapId, wanted, limit);
    },
  };
}
