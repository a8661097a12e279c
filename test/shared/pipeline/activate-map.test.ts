import { describe, expect, it } from 'vitest';
import { activateMap } from '../../../shared/pipeline/activate-map.ts';
import { pauseMap } from '../../../shared/pipeline/control-map.ts';
import { seededRandom } from '../../simulation/random.ts';
import { firstAgain, SIMULATED_MAPS, type Variant, variantOf } from '../../simulation/simulated-maps.ts';
import { createPipeline, customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

/** A version of the customers' map that does not have the phone. */
function withoutPhone(number: number): Variant {
  const random = { ...seededRandom(1), pick: <T>(items: readonly T[]): T => items[1] ?? (items[0] as T) };
  const variant = variantOf('customers', number, false, random);
  expect(variant.compiled.fields.map(({ finops }) => finops)).not.toContain('Phone');
  return variant;
}

/** All instances know the version that is active. */
function learn({ deps }: Pipeline, { compiled }: Variant): void {
  const route = { map: compiled, finopsPhysicalName: null };
  deps.maps = { routes: async () => [route], find: async () => route };
}

async function edited(): Promise<Pipeline> {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New', Phone: '555' });
  return pipeline;
}

const versionOf = async ({ deps }: Pipeline) => (await deps.mapStore.standing('customers')).version;
const account = (pipeline: Pipeline) => pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values;

describe('activating a version of a map', () => {
  it('R24: waits for the writes of the version before, and releases what came meanwhile to the new one', async () => {
    const pipeline = await edited();
    const variant = withoutPhone(1);
    await pipeline.run([customerChange('c1')], {
      before: async (command) => {
        if (command.kind !== 'record') return;
        const asked = await activateMap(pipeline.deps, variant.map, 'operator');
        expect(asked).toMatchObject({ ok: true, value: { status: 'pausing', liveClaims: 1 } });
        expect(await versionOf(pipeline)).toBe('1.0.0.0');
      },
    });
    expect(account(pipeline)).toMatchObject({ name: 'New', phone: '555' });
    expect(await activateMap(pipeline.deps, variant.map, 'operator')).toEqual({
      ok: true,
      value: { status: 'running' },
    });
    expect(await versionOf(pipeline)).toBe('1.0.0.1');
    expect(await activateMap(pipeline.deps, variant.map, 'operator')).toEqual({
      ok: true,
      value: { status: 'running' },
    });
  });

  it('R24: what was planned by the version before is not written, but planned by the new one', async () => {
    const pipeline = await edited();
    const variant = withoutPhone(1);
    let writes = 0;
    await pipeline.run([customerChange('c1')], {
      before: async (command) => {
        if (command.kind !== 'write') return;
        writes += 1;
        if (writes === 1) await pipeline.deps.mapStore.install(variant.map, 'running');
        else learn(pipeline, variant);
      },
    });
    expect(account(pipeline)).toMatchObject({ name: 'New' });
    expect(account(pipeline)?.['phone']).not.toBe('555');
    const audit = await pipeline.deps.state.listAudit({ mapId: 'customers', key: 'usmf|c1' });
    expect(audit.at(-1)).toMatchObject({ mapVersion: '1.0.0.1' });
  });

  it('R24: a column that the version before did not read is compared on both sides, whichever had an event', async () => {
    const pipeline = await edited();
    const variant = withoutPhone(1);
    await pipeline.deps.mapStore.install(variant.map, 'running');
    learn(pipeline, variant);
    await pipeline.run([customerChange('c1')]);
    pipeline.sides.dataverse.edit(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.id ?? '', {
      phone: '777',
    });
    const whole = firstAgain('customers', 2);
    await pipeline.deps.mapStore.install(whole.map, 'running');
    learn(pipeline, whole);
    await pipeline.run([customerChange('c1')]);
    const conflicts = await pipeline.deps.state.listConflicts({ mapId: 'customers', key: 'usmf|c1' });
    expect(conflicts).toMatchObject([{ field: 'phone', values: ['555', '777'] }]);
  });

  it('R24: a version is what it was: other contents under its number are refused', async () => {
    const pipeline = await createPipeline();
    const [, map] = SIMULATED_MAPS;
    if (map === undefined) throw new Error('there is no map of customers');
    const changed = { ...map, title: 'Others' };
    expect(await activateMap(pipeline.deps, changed, 'operator')).toMatchObject({ fault: { code: 'TW306' } });
    expect(await activateMap(pipeline.deps, map, 'operator')).toEqual({ ok: true, value: { status: 'running' } });
  });

  it('R24: a map that does not run gets its new version and stays as it is; a new one runs', async () => {
    const pipeline = await createPipeline();
    await pauseMap(pipeline.deps, 'customers', 'operator');
    const { map } = withoutPhone(1);
    expect(await activateMap(pipeline.deps, map, 'operator')).toEqual({ ok: true, value: { status: 'paused' } });
    expect(await versionOf(pipeline)).toBe('1.0.0.1');
    const fresh = { ...map, id: 'fresh' };
    expect(await activateMap(pipeline.deps, fresh, 'operator')).toEqual({ ok: true, value: { status: 'running' } });
  });
});
