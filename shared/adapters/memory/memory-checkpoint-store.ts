import type { CheckpointStore, StoredCheckpoint } from '../../ports/checkpoint-store.ts';

/** Checkpoints within the process. */
export function createMemoryCheckpointStore(): CheckpointStore {
  const stored = new Map<string, StoredCheckpoint>();
  let saves = 0;
  return {
    load: async (name) => stored.get(name) ?? null,
    async save(name, checkpoint, etag) {
      if ((stored.get(name)?.etag ?? null) !== etag) return null;
      saves += 1;
      stored.set(name, { checkpoint: { ...checkpoint }, etag: String(saves) });
      return String(saves);
    },
  };
}
