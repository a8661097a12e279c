import { expect, it } from 'vitest';
import { createMemoryStateStore } from '../../../../shared/adapters/memory/memory-state-store.ts';
import { parkedChangesContract } from '../../../contracts/parked-changes.contract.ts';
import { aCommit, aLink } from '../../../contracts/state-rows.ts';
import { stateStoreContract } from '../../../contracts/state-store.contract.ts';

const store = createMemoryStateStore();
stateStoreContract('the memory', () => store);
parkedChangesContract('the memory', () => store);

it('hands out links that nobody can change', async () => {
  const own = createMemoryStateStore();
  await own.commit([aCommit('m', 'k', { link: aLink('m', 'k', { base: { name: ['A', 'B'] } }) })]);
  const link = (await own.loadLinks('m', ['k'])).get('k')?.link;
  expect(() => Object.assign(link ?? {}, { state: 'tombstone' })).toThrow(TypeError);
  expect(() => Object.assign(link?.base ?? {}, { name: ['C', 'C'] })).toThrow(TypeError);
  expect((await own.loadLinks('m', ['k'])).get('k')?.link).toMatchObject({ state: 'new', base: { name: ['A', 'B'] } });
});
