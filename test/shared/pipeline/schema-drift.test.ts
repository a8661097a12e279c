import { describe, expect, it } from 'vitest';
import { pauseMap, resumeMap } from '../../../shared/pipeline/control-map.ts';
import { aFault } from './memory-side.ts';
import { customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

const DRIFT = aFault('configuration', 'TW106', { field: 'name' });
const ACCOUNTS = ['c1', 'c2', 'c3'];

/** Customers that were edited in F&O and are to be carried over. */
async function edited(): Promise<Pipeline> {
  const { pipeline, ids } = await linkedCustomers(ACCOUNTS);
  for (const account of ACCOUNTS) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: `New ${account}` });
  return pipeline;
}

const changes = () => ACCOUNTS.map((account) => customerChange(account));
const installed = async ({ deps }: Pipeline) => (await deps.mapStore.list()).find(({ map }) => map.id === 'customers');
const names = ({ sides }: Pipeline) =>
  ACCOUNTS.map((account) => sides.dataverse.find('customer', 'number', account)?.values['name']);

describe.each<[string, (pipeline: Pipeline, fault: typeof DRIFT | null) => void]>([
  ['read', ({ sides }, fault) => Object.assign(sides.finops.script, { onRead: () => fault })],
  ['write', ({ sides }, fault) => Object.assign(sides.dataverse.script, { onWrite: () => fault })],
])('a schema that a %s finds changed', (_what, drift) => {
  it('I4: stops the map with its reason, and parks its changes', async () => {
    const pipeline = await edited();
    drift(pipeline, DRIFT);
    await pipeline.run(changes());
    expect(await installed(pipeline)).toMatchObject({
      status: 'stopped',
      reason: { code: 'TW106', message: DRIFT.message },
    });
    expect(pipeline.telemetry.filter(({ event }) => event === 'map.stopped')).toEqual([
      { event: 'map.stopped', mapId: 'customers', code: 'TW106', field: 'name' },
    ]);
    const waiting = { reason: 'paused', fault: { code: 'TW106' } };
    expect(await pipeline.parked()).toMatchObject(ACCOUNTS.map(() => waiting));
  });

  it('I7: has nothing more written or read, whatever is heard', async () => {
    const pipeline = await edited();
    drift(pipeline, DRIFT);
    await pipeline.run(changes());
    drift(pipeline, null);
    for (const side of Object.values(pipeline.sides)) side.calls.length = 0;
    await pipeline.deps.queue.send(
      changes().map((change, index) => ({ id: `hint-${index}`, body: { type: 'change', change } })),
    );
    await pipeline.drain();
    await pipeline.wait(86_400_000);
    for (const side of Object.values(pipeline.sides)) expect(side.calls).toEqual([]);
    expect(await pipeline.parked()).toHaveLength(ACCOUNTS.length);
  });

  it('I11: lets all that waited be planned afresh when the map is resumed', async () => {
    const pipeline = await edited();
    drift(pipeline, DRIFT);
    await pipeline.run(changes());
    drift(pipeline, null);
    const newer = pipeline.sides.finops.find('Customers', 'Account', 'c2')?.id ?? '';
    pipeline.sides.finops.edit(newer, { Name: 'Newer c2' });
    expect(await resumeMap(pipeline.deps, 'customers', 'ada')).toBe(ACCOUNTS.length);
    await pipeline.drain();
    // A claim of the run that found it out may have to be outlived first.
    await pipeline.wait(600_000);
    expect(names(pipeline)).toEqual(['New c1', 'Newer c2', 'New c3']);
    expect(await pipeline.parked()).toEqual([]);
    expect(await installed(pipeline)).toEqual({ map: (await installed(pipeline))?.map, status: 'running' });
  });

  it('I7: leaves a map alone that somebody pauses', async () => {
    const pipeline = await edited();
    drift(pipeline, DRIFT);
    await pipeline.run(changes(), {
      before: async ({ kind }) => {
        if (kind === (_what === 'read' ? 'plan' : 'record')) await pauseMap(pipeline.deps, 'customers', 'ada');
      },
    });
    expect((await installed(pipeline))?.status).not.toBe('stopped');
    expect(pipeline.telemetry.filter(({ event }) => event === 'map.stopped')).toEqual([]);
    expect(await pipeline.parked()).toHaveLength(ACCOUNTS.length);
  });

  it('is told again when it is still there after the map was resumed', async () => {
    const pipeline = await edited();
    drift(pipeline, DRIFT);
    await pipeline.run(changes());
    expect(await pauseMap(pipeline.deps, 'customers', 'ada')).toEqual({ status: 'stopped' });
    await resumeMap(pipeline.deps, 'customers', 'ada');
    await pipeline.drain();
    await pipeline.wait(600_000);
    expect(await installed(pipeline)).toMatchObject({ status: 'stopped', reason: { code: 'TW106' } });
    expect(await pipeline.parked()).toHaveLength(ACCOUNTS.length);
  });
});

describe('a refusal that does not blame the schema', () => {
  it('I12: parks its record, and the map runs on', async () => {
    const pipeline = await edited();
    const fault = aFault('configuration', 'TW109');
    pipeline.sides.dataverse.script.onWrite = ({ key }) => (key === 'usmf|c2' ? fault : null);
    await pipeline.run(changes());
    expect((await installed(pipeline))?.status).toBe('running');
    expect(await pipeline.parked()).toMatchObject([{ identity: 'k|usmf|c2', reason: 'failed' }]);
    expect(names(pipeline)).toEqual(['New c1', 'Name of c2', 'New c3']);
  });
});
