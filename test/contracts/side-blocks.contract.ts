import { describe, expect, it } from 'vitest';
import type { SideBlocks } from '../../shared/ports/side-blocks.ts';
import { NOW } from './state-rows.ts';

/** What every store of blocks keeps; `create` gives one over the same, at first empty, store. */
export function sideBlocksContract(name: string, create: () => SideBlocks): void {
  describe(`${name} as a store of blocks`, () => {
    it('blocks a side until the latest time that was asked for, and leaves the other alone', async () => {
      const blocks = create();
      expect(await blocks.blockedUntil('finops')).toBe(0);
      await blocks.block('finops', NOW + 5_000);
      await blocks.block('finops', NOW + 2_000);
      expect(await blocks.blockedUntil('finops')).toBe(NOW + 5_000);
      expect(await blocks.blockedUntil('dataverse')).toBe(0);
      await blocks.block('finops', NOW + 9_000);
      expect(await blocks.blockedUntil('finops')).toBe(NOW + 9_000);
    });

    it('has a side online until it is declared otherwise, whatever its blocks', async () => {
      const blocks = create();
      expect(await blocks.standing('finops')).toMatchObject({ standing: 'online' });
      await blocks.declare('finops', { standing: 'offline', sinceMs: NOW });
      await blocks.block('finops', NOW + 20_000);
      expect(await blocks.standing('finops')).toEqual({ standing: 'offline', sinceMs: NOW });
      expect(await blocks.blockedUntil('finops')).toBe(NOW + 20_000);
      await blocks.declare('finops', { standing: 'online', sinceMs: NOW + 1 });
      expect(await blocks.standing('finops')).toEqual({ standing: 'online', sinceMs: NOW + 1 });
      expect(await blocks.blockedUntil('finops')).toBe(NOW + 20_000);
    });
  });
}
