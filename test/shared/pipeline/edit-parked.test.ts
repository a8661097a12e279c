import { describe, expect, it } from 'vitest';
import { editParked, showFields } from '../../../shared/pipeline/edit-parked.ts';
import { retryParked } from '../../../shared/pipeline/parked-actions.ts';
import { showRecord } from '../../../shared/pipeline/show-record.ts';
import { aFault } from './memory-side.ts';
import { createPipeline, customerChange, finopsCustomer, linkedCustomers } from './pipeline-fixture.ts';

const REF = { mapId: 'customers', identity: 'k|usmf|c1' };
const RECORD = { mapId: 'customers', key: 'usmf|c1' };
const LONG = 'A name that is too long';

/** A customer whose new name Dataverse refuses. */
async function refused() {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  const { sides } = pipeline;
  const row = { finops: ids['c1']?.finops ?? '', dataverse: ids['c1']?.dataverse ?? '' };
  sides.finops.edit(row.finops, { Name: LONG });
  sides.dataverse.script.onWrite = ({ values }) => (values['name'] === LONG ? aFault('business', 'TW205') : null);
  await pipeline.run([customerChange('c1')]);
  expect(await pipeline.parked()).toMatchObject([{ reason: 'failed', fault: { code: 'TW205' } }]);
  const names = () => [
    sides.finops.rows.get(row.finops)?.values['Name'],
    sides.dataverse.rows.get(row.dataverse)?.values['name'],
  ];
  const fields = await showFields(pipeline.deps, REF);
  const field = fields.ok ? fields.value.find(({ values }) => values[0] === LONG) : undefined;
  if (field === undefined) throw new Error('The name is not among the fields.');
  return { pipeline, row, names, name: field.field, seen: field.values };
}

describe('editing what waits', () => {
  it('shows what both sides hold of the fields that can be edited', async () => {
    const { pipeline, name, seen } = await refused();
    expect(seen).toEqual([LONG, 'Name of c1']);
    const shown = await showFields(pipeline.deps, REF);
    const names = shown.ok ? shown.value.map(({ field }) => field) : [];
    expect(names).toContain(name);
    expect(names).not.toContain('rating');
  });

  it('I14: writes the value to both sides, and tells who gave it', async () => {
    const { pipeline, names, name, seen } = await refused();
    const edits = [{ field: name, side: 'finops' as const, value: 'Short', seen }];
    expect(await editParked(pipeline.deps, REF, edits, 'ada')).toMatchObject({ ok: true, value: [{ value: 'Short' }] });
    await pipeline.drain();
    expect(names()).toEqual(['Short', 'Short']);
    expect(await pipeline.parked()).toEqual([]);
    const { audit, acts } = await showRecord(pipeline.deps, RECORD);
    expect(audit.filter(({ decisions }) => decisions?.some(({ actor }) => actor === 'ada'))).toHaveLength(2);
    expect(acts).toMatchObject([{ verb: 'edited', actor: 'ada', why: name, reason: 'failed' }]);
    expect(pipeline.telemetry).toContainEqual({ event: 'parked.edited', count: 1, actor: 'ada' });
  });

  it('I5: takes no value for fields that have moved on since they were shown', async () => {
    const { pipeline, row, names, name, seen } = await refused();
    pipeline.sides.finops.edit(row.finops, { Name: 'By somebody else' });
    const edits = [{ field: name, side: 'finops' as const, value: 'Short', seen }];
    const answer = await editParked(pipeline.deps, REF, edits, 'ada');
    expect(answer).toMatchObject({ ok: false, fault: { code: 'TW215' } });
    expect(!answer.ok && answer.fault.message).toContain('By somebody else');
    expect(pipeline.queue.length).toBe(0);
    expect(await pipeline.parked()).toHaveLength(1);
    expect(names()).toEqual(['By somebody else', 'Name of c1']);
  });

  it('I5: gives way to an edit that comes between, and records the value that was given', async () => {
    const { pipeline, row, names, name, seen } = await refused();
    await editParked(pipeline.deps, REF, [{ field: name, side: 'finops', value: 'Short', seen }], 'ada');
    pipeline.sides.finops.edit(row.finops, { Name: 'Newer' });
    await pipeline.drain();
    expect(names()).toEqual(['Newer', 'Newer']);
    expect(await pipeline.deps.state.listConflicts(RECORD)).toMatchObject([
      { rule: 'decision-refused', loserValue: 'Short' },
    ]);
  });

  it('refuses unknown changes, fields that flow one way, and records that are on one side only', async () => {
    const { pipeline, seen, name } = await refused();
    const fails = async (ref: typeof REF, field: string) => {
      const answer = await editParked(pipeline.deps, ref, [{ field, side: 'finops', value: 'x', seen }], 'ada');
      return answer.ok ? null : answer.fault.code;
    };
    expect(await fails({ ...REF, identity: 'k|usmf|c9' }, name)).toBe('TW216');
    expect(await fails(REF, 'rating')).toBe('TW216');
    expect(await fails(REF, 'no such field')).toBe('TW216');
    expect(await pipeline.parked()).toHaveLength(1);

    const alone = await createPipeline();
    alone.sides.finops.put('Customers', finopsCustomer('c1'));
    alone.sides.dataverse.script.onWrite = () => aFault('business', 'TW205');
    await alone.run([customerChange('c1')]);
    expect(await showFields(alone.deps, REF)).toMatchObject({ ok: false, fault: { code: 'TW216' } });
  });
});

describe('what waits', () => {
  it('I4: is closed by itself when a newer change of its record succeeds', async () => {
    const { pipeline, row, names } = await refused();
    pipeline.sides.finops.edit(row.finops, { Name: 'Mended by hand' });
    await pipeline.run([customerChange('c1')]);
    expect(names()).toEqual(['Mended by hand', 'Mended by hand']);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I4: is closed by itself when its attempts were used up, too', async () => {
    const { pipeline, ids } = await linkedCustomers(['c1']);
    pipeline.sides.finops.edit(ids['c1']?.finops ?? '', { Name: 'New' });
    pipeline.sides.dataverse.script.onWrite = () => aFault('transient', 'TW102');
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'attempts-exhausted', fault: { code: 'TW208' } }]);
    expect((await pipeline.parked())[0]?.fault?.message).toContain('TW102');
    pipeline.sides.dataverse.script = {};
    pipeline.pass(200_000);
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['name']).toBe('New');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('is retried by its fault code, all of it at once', async () => {
    const accounts = ['c1', 'c2', 'c3'];
    const { pipeline, ids } = await linkedCustomers(accounts);
    for (const account of accounts) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: 'New' });
    pipeline.sides.dataverse.script.onWrite = ({ key }) =>
      key === 'usmf|c3' ? aFault('business', 'TW205') : aFault('unauthorised', 'TW105');
    await pipeline.run(accounts.map((account) => customerChange(account)));
    pipeline.sides.dataverse.script = {};
    expect(await retryParked(pipeline.deps, { filter: {}, code: 'TW105', limit: 100 }, 'ada')).toBe(2);
    await pipeline.drain();
    expect(await pipeline.parked()).toMatchObject([{ identity: 'k|usmf|c3' }]);
  });
});
