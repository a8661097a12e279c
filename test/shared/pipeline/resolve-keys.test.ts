import { describe, expect, it } from 'vitest';
import { CLOCK_DIFFERENCE_MS } from '../../../shared/core/write/plan-record.ts';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { createPipeline, linkedCustomers } from './pipeline-fixture.ts';

describe('changes that name only a row', () => {
  const byId = (id: string, releases = 0, deleted = false) =>
    aChange('customers', null, {
      hinted: ['dataverse'],
      rowIds: { dataverse: [id] },
      deletedIds: deleted ? { dataverse: [id] } : {},
      releases,
    });

  it('R19: find their record in the index of ids, also when the row is gone', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const id = ids['c1']?.dataverse ?? '';
    pipeline.sides.dataverse.remove(id);
    await pipeline.run([byId(id, 0, true)]);
    expect(pipeline.sides.finops.rows.size).toBe(0);
    expect(await pipeline.link('usmf|c1')).toMatchObject({ state: 'tombstone' });
  });

  it('R19: find it by reading the row where the index does not know it', async () => {
    const pipeline = await createPipeline();
    const values = { number: 'c9', 'company.code': 'usmf', kindcode: '3', name: 'New' };
    await pipeline.run([byId(pipeline.sides.dataverse.put('customer', values))]);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c9')?.values).toMatchObject({ Name: 'New' });
  });

  it('end where the key of the row is incomplete', async () => {
    const pipeline = await createPipeline();
    const id = pipeline.sides.dataverse.put('customer', { number: null, 'company.code': 'usmf', kindcode: '3' });
    expect((await pipeline.run([byId(id)])).report).toEqual({ settled: 1, recorded: 0, parked: 0 });
    expect(pipeline.telemetry).toContainEqual({
      event: 'change.settled',
      mapId: 'customers',
      key: id,
      outcome: 'incomplete-key',
    });
  });

  it('R19: about a row that nobody knows are tried again beyond the longest claim, so many times, then end', async () => {
    const pipeline = await createPipeline();
    await pipeline.run([byId('nobody')]);
    for (let release = 0; release < PIPELINE_SETTINGS.unknownRowReleasesMax; release += 1) {
      expect(await pipeline.parked()).toMatchObject([{ reason: 'unknown-row', change: { releases: release } }]);
      await pipeline.wait(45_000);
    }
    expect(await pipeline.parked()).toEqual([]);
    expect(pipeline.telemetry.at(-2)).toMatchObject({ event: 'change.settled', outcome: 'unknown-row' });
    expect(PIPELINE_SETTINGS.unknownRowReleasesMax * 45_000).toBeGreaterThan(
      PIPELINE_SETTINGS.claimMs + CLOCK_DIFFERENCE_MS,
    );
  });
});
