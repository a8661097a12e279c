import { describe, expect, it } from 'vitest';
import type { CheckpointStore } from '../../shared/ports/checkpoint-store.ts';
import { NOW } from './state-rows.ts';

const FIRST = { cursor: null, initial: true, restedAtMs: 0, leaseUntilMs: NOW };

/** What every store of checkpoints keeps; `create` gives one over the same, at first empty, store. */
export function checkpointStoreContract(name: string, create: () => CheckpointStore): void {
  describe(`${name} as a store of checkpoints`, () => {
    it('keeps a checkpoint by its name, and none of another', async () => {
      expect(await create().load('dataverse a')).toBeNull();
      const etag = await create().save('dataverse a', FIRST, null);
      expect(await create().load('dataverse a')).toEqual({ checkpoint: FIRST, etag });
      expect(await create().load('dataverse b')).toBeNull();
    });

    it('lets one of two who begin at once begin', async () => {
      const saved = await Promise.all([create(), create()].map((store) => store.save('dataverse c', FIRST, null)));
      expect(saved.filter((etag) => etag !== null)).toHaveLength(1);
    });

    it('saves nothing under an etag that has moved', async () => {
      const store = create();
      const etag = await store.save('dataverse d', FIRST, null);
      const next = {
        cursor: `accounts?$deltatoken=${'1'.repeat(40_000)}`,
        initial: false,
        restedAtMs: NOW,
        leaseUntilMs: 0,
      };
      const moved = await store.save('dataverse d', next, etag);
      expect(moved).not.toBeNull();
      expect(await store.save('dataverse d', FIRST, etag)).toBeNull();
      expect(await store.load('dataverse d')).toEqual({ checkpoint: next, etag: moved });
    });
  });
}
