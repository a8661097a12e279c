import { describe, expect, it } from 'vitest';
import { pauseMap, resumeMap } from '../../../shared/pipeline/control-map.ts';
import { PIPELINE_SETTINGS } from '../../../shared/pipeline/dependencies.ts';
import { dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { planChanges } from '../../../shared/pipeline/plan-changes.ts';
import type { PlanCommand } from '../../../shared/pipeline/sync-changes.ts';
import type { StateStore } from '../../../shared/ports/state-store.ts';
import { customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

async function edited(): Promise<Pipeline> {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
  return pipeline;
}

const planCommand: PlanCommand = { kind: 'plan', mapId: 'customers', owner: 'o', changes: [customerChange('c1')] };
const plan = (pipeline: Pipeline) => planChanges(pipeline.deps, planCommand);

describe('pausing', () => {
  it('I7: a paused map writes nothing; its changes wait until it runs again', async () => {
    const pipeline = await edited();
    expect(await pauseMap(pipeline.deps, 'customers', 'operator')).toEqual({ status: 'paused' });
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.sides.dataverse.calls).toEqual([]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'paused' }]);
    await pipeline.wait(86_400_000);
    expect(pipeline.sides.dataverse.calls).toEqual([]);
    expect(await resumeMap(pipeline.deps, 'customers', 'operator')).toBe(1);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I7: a map that is paused between plan and write writes nothing, and finishes when it runs again', async () => {
    const pipeline = await edited();
    await pipeline.run([customerChange('c1')], {
      before: async (command) => {
        if (command.kind === 'write') await pauseMap(pipeline.deps, 'customers', 'operator');
      },
    });
    expect(pipeline.sides.dataverse.written).toEqual([]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'paused' }]);
    expect(await pauseMap(pipeline.deps, 'customers', 'operator')).toEqual({ status: 'paused' });
    await resumeMap(pipeline.deps, 'customers', 'operator');
    await pipeline.drain();
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
    const entries = await pipeline.deps.state.listAudit({ mapId: 'customers', key: 'usmf|c1' });
    expect(entries.map(({ operation }) => operation)).toEqual(['insert', 'update']);
  });

  it('I4: a change that is parked just as its map is resumed is released, too', async () => {
    const pipeline = await edited();
    await pauseMap(pipeline.deps, 'customers', 'operator');
    const { state } = pipeline.deps;
    const late: StateStore = {
      ...state,
      park: async (changes) => {
        await resumeMap(pipeline.deps, 'customers', 'operator');
        await state.park(changes);
      },
    };
    await dispatchChanges({ ...pipeline.deps, state: late }, [{ type: 'change', change: customerChange('c1') }]);
    expect(await pipeline.parked()).toEqual([]);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
  });

  it('I4: a change that was parked after a write was held back looks at the map once more', async () => {
    const pipeline = await edited();
    await pipeline.run([customerChange('c1')], {
      before: async (command) => {
        if (command.kind === 'write') await pauseMap(pipeline.deps, 'customers', 'operator');
        if (command.kind === 'record') await resumeMap(pipeline.deps, 'customers', 'operator');
      },
    });
    expect(await pipeline.parked()).toEqual([]);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
  });

  it('R13: a map is paused only when no claim of it is live any more', async () => {
    const pipeline = await edited();
    await plan(pipeline);
    expect(await pauseMap(pipeline.deps, 'customers', 'operator')).toEqual({ status: 'pausing', liveClaims: 1 });
    expect((await pipeline.deps.mapStore.standing('customers')).status).toBe('pausing');
    pipeline.pass(PIPELINE_SETTINGS.claimMs);
    expect(await pauseMap(pipeline.deps, 'customers', 'operator')).toEqual({ status: 'paused' });
    expect(await pauseMap(pipeline.deps, 'customers', 'operator')).toEqual({ status: 'paused' });
  });

  it('tells who paused and resumed it, once for each status', async () => {
    const pipeline = await edited();
    await pauseMap(pipeline.deps, 'customers', 'ada');
    await pauseMap(pipeline.deps, 'customers', 'ada');
    await resumeMap(pipeline.deps, 'customers', 'bob');
    const told = pipeline.telemetry.flatMap((event) =>
      event.event === 'map.status' ? [`${event.status} ${event.actor}`] : [],
    );
    expect(told).toEqual(['pausing ada', 'paused ada', 'running bob']);
  });

  it('leaves the other maps alone', async () => {
    const pipeline = await edited();
    await pauseMap(pipeline.deps, 'groups', 'operator');
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.sides.dataverse.written).toHaveLength(1);
  });
});
