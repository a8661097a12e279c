import { describe, expect, it } from 'vitest';
import type { RowEvent } from '../../../shared/core/change/change.ts';
import { acceptEvent } from '../../../shared/pipeline/accept-event.ts';
import { DispatchBusyError, dispatchChanges } from '../../../shared/pipeline/dispatch-changes.ts';
import { drainDeadLetters } from '../../../shared/pipeline/drain-dead-letters.ts';
import { releaseDue, releaseParked } from '../../../shared/pipeline/release-parked.ts';
import type { QueueBody } from '../../../shared/ports/change-queue.ts';
import { aParked } from '../../contracts/state-rows.ts';
import { createPipeline, customerChange, finopsCustomer, groupChange, linkedCustomers } from './pipeline-fixture.ts';

const asBody = (change: ReturnType<typeof customerChange>): QueueBody => ({ type: 'change', change });

function customerEvent(more: Partial<RowEvent> = {}): RowEvent {
  const columns = { dataareaid: 'usmf', account: 'C1' };
  return {
    type: 'row',
    id: 'e1',
    side: 'finops',
    table: 'Customers',
    kind: 'update',
    rowId: '1',
    columns,
    occurredAt: null,
    ...more,
  };
}

describe('acceptEvent', () => {
  it('enqueues an event that a map listens to, named by its delivery', async () => {
    const pipeline = await createPipeline();
    expect(await acceptEvent(pipeline.deps, customerEvent())).toEqual({ kind: 'queued' });
    expect(await acceptEvent(pipeline.deps, customerEvent())).toEqual({ kind: 'queued' });
    expect(pipeline.queue.take()).toEqual([{ id: 'e1', body: { type: 'event', event: customerEvent() } }]);
  });

  it('counts an event that no map listens to, and enqueues nothing', async () => {
    const pipeline = await createPipeline();
    expect(await acceptEvent(pipeline.deps, customerEvent({ table: 'Other' }))).toEqual({ kind: 'unbound' });
    expect(pipeline.queue.length).toBe(0);
    expect(pipeline.telemetry).toEqual([{ event: 'event.unbound', side: 'finops', id: 'e1', name: 'Other' }]);
  });

  it('counts an update of columns that no map reads apart from one that no map listens to', async () => {
    const pipeline = await createPipeline();
    expect(await acceptEvent(pipeline.deps, customerEvent({ changed: ['unmapped'] }))).toEqual({ kind: 'irrelevant' });
    expect(pipeline.queue.length).toBe(0);
    expect(pipeline.telemetry).toMatchObject([{ event: 'event.irrelevant', name: 'Customers' }]);
  });
});

describe('dispatchChanges', () => {
  const edit = (text: string, id = 'e1'): QueueBody => {
    const columns = { dataareaid: 'usmf', account: 'C1', name: text };
    return { type: 'event', event: customerEvent({ id, columns, changed: ['name'] }) };
  };

  it('I2: settles what tells nothing new without an orchestration, and touches the link for plans under way', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    const rowId = ids['c1']?.finops ?? '';
    const told = (body: QueueBody): QueueBody =>
      body.type === 'event' && body.event.type === 'row' ? { ...body, event: { ...body.event, rowId } } : body;
    const before = await pipeline.deps.state.loadLinks('customers', ['usmf|c1']);
    expect(await dispatchChanges(pipeline.deps, [told(edit('Name of c1'))])).toBe(0);
    const after = await pipeline.deps.state.loadLinks('customers', ['usmf|c1']);
    expect(after.get('usmf|c1')?.etag).not.toBe(before.get('usmf|c1')?.etag);
    expect(after.get('usmf|c1')?.link).toEqual(before.get('usmf|c1')?.link);
    expect(await dispatchChanges(pipeline.deps, [told(edit('Another name'))])).toBe(1);
    expect(await dispatchChanges(pipeline.deps, [edit('Name of c1')])).toBe(1);
  });

  it('R3: an edit of a row outside the filter is settled without a read once it is known to be outside', async () => {
    const pipeline = await createPipeline();
    const rowId = pipeline.sides.finops.put('Customers', finopsCustomer('C1', { Kind: 'person' }));
    const columns = { dataareaid: 'usmf', account: 'C1', name: 'New', kind: 'organization' };
    const event = (changed: string[]): QueueBody => ({
      type: 'event',
      event: customerEvent({ rowId, columns, changed }),
    });
    expect(await dispatchChanges(pipeline.deps, [event(['name'])])).toBe(1);
    for (const { batch } of pipeline.started.splice(0)) await pipeline.run(batch.changes);
    expect(await pipeline.link('usmf|c1')).toMatchObject({ state: 'new', plannedBy: '1.0.0.0' });
    expect(await dispatchChanges(pipeline.deps, [event(['name'])])).toBe(0);
    expect(await dispatchChanges(pipeline.deps, [event(['name', 'kind'])])).toBe(1);
  });

  it('I3: names an instance by what is in it, so that a delivery cut differently is another', async () => {
    const pipeline = await createPipeline();
    const bodies = Array.from({ length: 150 }, (_, index) => asBody(customerChange(`c${index}`)));
    await dispatchChanges(pipeline.deps, bodies);
    await dispatchChanges(pipeline.deps, bodies);
    const [first, second, again, secondAgain] = pipeline.started.map(({ id }) => id);
    expect([again, secondAgain]).toEqual([first, second]);
    expect(second).not.toBe(first);
  });
  it('starts one orchestration for each map, with one change for each record', async () => {
    const pipeline = await createPipeline();
    const bodies: QueueBody[] = [
      { type: 'event', event: customerEvent() },
      { type: 'event', event: customerEvent({ id: 'e2', kind: 'delete' }) },
      asBody(customerChange('c2')),
      asBody(groupChange('g1')),
    ];
    await dispatchChanges(pipeline.deps, bodies);
    expect(pipeline.started.map(({ batch }) => [batch.mapId, batch.changes.map(({ key }) => key)])).toEqual([
      ['customers', ['usmf|c1', 'usmf|c2']],
      ['groups', ['g1']],
    ]);
    expect(pipeline.started[0]?.batch.changes[0]?.deletedIds).toEqual({ finops: ['1'] });
  });

  it('splits what is more than a hundred records', async () => {
    const pipeline = await createPipeline();
    await dispatchChanges(
      pipeline.deps,
      Array.from({ length: 205 }, (_, index) => asBody(customerChange(`c${index}`))),
    );
    expect(pipeline.started.map(({ batch }) => batch.changes.length)).toEqual([100, 100, 5]);
    expect(new Set(pipeline.started.map(({ id }) => id)).size).toBe(3);
  });

  it('I7: parks the changes of a map that does not run, and starts nothing for it', async () => {
    const pipeline = await createPipeline();
    await pipeline.deps.mapStore.setStatus('customers', 'pausing');
    await dispatchChanges(pipeline.deps, [asBody(customerChange('c1')), asBody(groupChange('g1'))]);
    expect(pipeline.started.map(({ batch }) => batch.mapId)).toEqual(['groups']);
    expect(await pipeline.parked()).toMatchObject([{ mapId: 'customers', reason: 'paused' }]);
  });

  it('takes nothing while as many orchestrations are open as may be', async () => {
    const pipeline = await createPipeline();
    const { openOrchestrationsMax } = pipeline.deps.settings;
    pipeline.deps.orchestrations.countOpen = async () => openOrchestrationsMax;
    await expect(dispatchChanges(pipeline.deps, [asBody(customerChange('c1'))])).rejects.toThrow(DispatchBusyError);
    expect(pipeline.started).toEqual([]);
    pipeline.deps.orchestrations.countOpen = async () => openOrchestrationsMax - 1;
    await dispatchChanges(pipeline.deps, [asBody(customerChange('c1'))]);
    expect(pipeline.started).toHaveLength(1);
  });
});

describe('drainDeadLetters', () => {
  it('I4: turns dead letters into parked changes that are tried again by time', async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Customers', finopsCustomer('C1'));
    await drainDeadLetters(pipeline.deps, [
      { type: 'event', event: customerEvent() },
      asBody(customerChange('c1')),
      { type: 'event', event: customerEvent({ id: 'e3', table: 'Other' }) },
    ]);
    expect(await pipeline.parked()).toMatchObject([
      { identity: 'k|usmf|c1', reason: 'dead-lettered', fault: { code: 'TW208' } },
    ]);
    await pipeline.wait(60_000);
    expect(await pipeline.parked()).toEqual([]);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'C1')).toBeDefined();
  });
});

describe('releasing', () => {
  it('R15: names the message by the etag of the parked row, so that no second release is swallowed', async () => {
    const pipeline = await createPipeline();
    const { state } = pipeline.deps;
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      await state.park([aParked(customerChange('c1'))]);
      const parked = await state.listParked({ limit: 10 });
      await releaseParked(pipeline.deps, parked);
      await releaseParked(pipeline.deps, parked);
      ids.push(...pipeline.queue.take().map(({ id }) => id));
    }
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  it('R16: enqueues first and takes out only what is still as it was read', async () => {
    const pipeline = await createPipeline();
    const { state } = pipeline.deps;
    await state.park([aParked(customerChange('c1'))]);
    const stale = await state.listParked({ limit: 10 });
    await state.park([aParked(customerChange('c1'), { reason: 'manual' })]);
    await releaseParked(pipeline.deps, stale);
    expect(pipeline.queue.length).toBe(1);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'manual' }]);
    pipeline.deps.queue = { send: () => Promise.reject(new Error('the queue is down')) };
    await expect(releaseParked(pipeline.deps, await state.listParked({ limit: 10 }))).rejects.toThrow('down');
    expect(await pipeline.parked()).toHaveLength(1);
  });

  it('R16: releases by time only what is due, to be planned from fresh rows', async () => {
    const pipeline = await createPipeline();
    const due = pipeline.now();
    await pipeline.deps.state.park([
      aParked(customerChange('due', { releases: 2 }), { dueAtMs: due }),
      aParked(customerChange('later'), { dueAtMs: due + 1 }),
      aParked(customerChange('never'), { dueAtMs: null }),
    ]);
    expect(await releaseDue(pipeline.deps)).toBe(1);
    expect(pipeline.queue.take()).toMatchObject([{ body: { change: { key: 'usmf|due', full: true, releases: 3 } } }]);
  });
});
