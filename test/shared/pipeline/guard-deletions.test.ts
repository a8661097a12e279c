import { describe, expect, it } from 'vitest';
import type { DeleteGuard } from '../../../shared/core/map/table-map.ts';
import { releaseParked } from '../../../shared/pipeline/release-parked.ts';
import { customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

const GUARD = { count: 100, percent: 20, windowMinutes: 60 };
const ACCOUNTS = Array.from({ length: 60 }, (_, index) => `c${index}`);

/** Sixty linked customers of which the first so many were deleted in F&O, and the changes that say so. */
async function deleted(count: number, guard: DeleteGuard = GUARD) {
  const { pipeline, ids } = await linkedCustomers(ACCOUNTS);
  const route = await pipeline.deps.maps.find('customers');
  if (route === null) throw new Error('There is no map of customers.');
  const guarded = { ...route, map: { ...route.map, deleteGuard: guard } };
  pipeline.deps.maps = { ...pipeline.deps.maps, find: async () => guarded };
  const changes = ACCOUNTS.slice(0, count).map((account) => {
    const rowId = ids[account]?.finops ?? '';
    pipeline.sides.finops.remove(rowId);
    return customerChange(account, { deletedIds: { finops: [rowId] }, rowIds: { finops: [rowId] } });
  });
  return { pipeline, changes };
}

const left = ({ sides }: Pipeline): number =>
  ACCOUNTS.filter((account) => sides.dataverse.find('customer', 'number', account) !== undefined).length;

describe('the guard over bulk deletions', () => {
  it('R21: lets ten pass however small the map is', async () => {
    const { pipeline, changes } = await deleted(10);
    await pipeline.run(changes);
    expect(left(pipeline)).toBe(50);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R21: beyond the share of the map it holds the rest for a person, and says so once', async () => {
    const { pipeline, changes } = await deleted(30);
    await pipeline.run(changes);
    expect(left(pipeline)).toBe(60 - 12);
    const parked = await pipeline.parked();
    expect(parked).toHaveLength(18);
    expect(parked[0]).toMatchObject({ reason: 'approval', fault: { code: 'TW213' }, dueAtMs: null });
    expect(pipeline.telemetry.filter(({ event }) => event === 'deletions.held')).toEqual([
      { event: 'deletions.held', mapId: 'customers', count: 18 },
    ]);
  });

  it('R21: holds what is beyond the number, and nothing else where there is no share', async () => {
    const { pipeline, changes } = await deleted(30, { ...GUARD, count: 25, percent: null });
    await pipeline.run(changes);
    expect(left(pipeline)).toBe(35);
  });

  it('R21: a new hint does not let a held deletion pass, an approval does, and the next window is free again', async () => {
    const { pipeline, changes } = await deleted(30);
    await pipeline.run(changes);
    await pipeline.run(changes.slice(20));
    expect(left(pipeline)).toBe(48);
    const held = await pipeline.deps.state.listParked({ reason: 'approval', limit: 5 });
    await releaseParked(
      pipeline.deps,
      held.map(({ parked, etag }) => ({ parked: { ...parked, change: { ...parked.change, approved: true } }, etag })),
    );
    await pipeline.drain();
    expect(left(pipeline)).toBe(43);
    pipeline.pass(61 * 60_000);
    const [next] = await pipeline.deps.state.listParked({ reason: 'approval', limit: 1 });
    await releaseParked(pipeline.deps, next === undefined ? [] : [next]);
    await pipeline.drain();
    expect(left(pipeline)).toBe(42);
  });

  it('R21: counts a deletion once, however often it is tried', async () => {
    const { pipeline, changes } = await deleted(12);
    let refusals = 3;
    pipeline.sides.dataverse.script.onWrite = () => {
      refusals -= 1;
      return refusals < 0 ? null : { code: 'TW102', class: 'transient', message: 'down' };
    };
    await pipeline.run(changes);
    expect(left(pipeline)).toBe(48);
    expect(await pipeline.parked()).toEqual([]);
  });
});
