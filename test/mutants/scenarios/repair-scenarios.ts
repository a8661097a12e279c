import assert from 'node:assert/strict';
import { advanceLink } from '../../../shared/core/link/advance-link.ts';
import type { Link } from '../../../shared/core/link/link.ts';
import { type PerSide, SIDES, type Side } from '../../../shared/core/record/side.ts';
import type { WriteResult } from '../../../shared/core/write/write-result.ts';
import { parkedChange } from '../../../shared/pipeline/park.ts';
import { linkOf, NOW, smallMap } from '../../shared/core/small-world.ts';
import { aFault } from '../../shared/pipeline/memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  groupChange,
  linkedCustomers,
} from '../../shared/pipeline/pipeline-fixture.ts';

/** Longer than any claim, and than the rest of what waits for its map. */
const LONG_MS = 4_000_000;

const map = smallMap();

/** A link whose writes ended so: what both of them wrote, and whose base was inferred before, given. */
function advanced(results: Partial<PerSide<WriteResult>>, assumed: readonly string[]): Link {
  const write = (side: Side) => ({
    operation: 'update' as const,
    rowId: `${side}-row`,
    address: `${side}-row`,
    ifMatch: `${side}-1`,
    pairs: { a: ['new', 'new'] as const },
    extra: {},
    unknown: false,
    refused: false,
  });
  const writes = Object.fromEntries(
    SIDES.filter((side) => results[side] !== undefined).map((side) => [side, write(side)]),
  );
  const seen = { finops: 'finops-1', dataverse: 'dataverse-1' };
  const intent = { id: 'i', writes, mapVersion: map.version, seen, backflow: false };
  return advanceLink(map, linkOf(['a', 'a'], ['b', 'b'], { intent, assumed }), results, NOW).link;
}

const DONE: WriteResult = { kind: 'done', rowId: null, address: null, version: 'v2', differing: {} };
const STALE: WriteResult = { kind: 'failed', fault: aFault('stale', 'TW201') };

export const REPAIR_SCENARIOS = {
  'a new record with a row outside the filter is saved': async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { Kind: 'person' }));
    pipeline.sides.dataverse.put('customer', { number: 'c1', 'company.code': 'usmf', kindcode: '3' });
    await pipeline.run([customerChange('c1', { full: true })]);
    assert.equal((await pipeline.link('usmf|c1'))?.sides.finops.presence, 'outside');
  },
  'an inference outlasts a write that was only repeated': async () => {
    assert.deepEqual(advanced({ dataverse: DONE }, ['a', 'b']).assumed, ['b']);
  },
  'a decision for both sides is agreed when both bear it': async () => {
    assert.deepEqual(advanced({ finops: STALE, dataverse: DONE }, []).base?.['a'], ['a', 'a']);
    assert.deepEqual(advanced({ finops: DONE, dataverse: DONE }, []).base?.['a'], ['new', 'new']);
  },
  'a decision is not buried by what else its record waits for': async () => {
    const { pipeline } = await linkedCustomers(['c1']);
    const { deps } = pipeline;
    await deps.state.park([parkedChange(deps, customerChange('c1', { full: true }), 'failed', null)]);
    await deps.state.park([parkedChange(deps, customerChange('c1'), 'manual', null)]);
    pipeline.pass(LONG_MS);
    const due = await deps.state.listParked({ dueByMs: pipeline.now(), limit: 10 });
    assert.equal(due.length, 1);
  },
  'a parent that is nowhere releases nothing': async () => {
    const pipeline = await createPipeline();
    pipeline.sides.dataverse.script.onWrite = ({ values }) =>
      values['parentgroup.groupid'] == null
        ? null
        : aFault('missing-reference', 'TW204', { field: 'parentgroup.groupid' });
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    await pipeline.run([customerChange('c1')]);
    pipeline.queue.take();
    await pipeline.run([groupChange('g1', { full: true })]);
    assert.equal(pipeline.queue.length, 0, 'the child was released though its parent is nowhere');
  },
  'a hint that the index led astray goes on': async () => {
    const pipeline = await createPipeline();
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'First' });
    await pipeline.run([groupChange('g1')]);
    const stray = pipeline.sides.dataverse.put('group', { groupid: 'g5', title: 'Stray' });
    await pipeline.deps.state.rememberIds('groups', 'dataverse', 'group', [{ id: stray, key: 'g1' }]);
    await pipeline.run([groupChange('', { key: null, hinted: ['dataverse'], rowIds: { dataverse: [stray] } })]);
    assert.ok(pipeline.sides.finops.find('Groups', 'GroupId', 'g5') !== undefined, 'the row was not heard of');
  },
  'a created row that is renamed at once is ours': async () => {
    const pipeline = await createPipeline();
    const { finops, dataverse } = pipeline.sides;
    finops.put('Groups', { GroupId: 'g1', Title: 'First' });
    await pipeline.run([groupChange('g1')], {
      before: async ({ kind }) => {
        if (kind === 'record') await pipeline.deps.mapStore.setStatus('groups', 'paused');
      },
      dies: ({ kind }) => {
        const row = dataverse.find('group', 'groupid', 'g1');
        if (kind === 'write' && row !== undefined) dataverse.edit(row.id, { groupid: 'g9' });
        return kind === 'write';
      },
    });
    await pipeline.deps.mapStore.setStatus('groups', 'running');
    await pipeline.wait(LONG_MS);
    await pipeline.wait(LONG_MS);
    assert.ok(finops.find('Groups', 'GroupId', 'g9') !== undefined, 'the new key was not carried over');
    assert.equal(dataverse.rows.size, 1);
  },
};
