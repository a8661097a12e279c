import { describe, expect, it } from 'vitest';
import type { ConflictPolicy } from '../../../shared/core/map/table-map.ts';
import { type Choice, decideConflict } from '../../../shared/pipeline/decide-conflict.ts';
import { pageConflicts, showConflicts } from '../../../shared/pipeline/show-conflicts.ts';
import { aFault, times } from './memory-side.ts';
import { customerChange, linkedCustomers, type Pipeline } from './pipeline-fixture.ts';

const RECORD = { mapId: 'customers', key: 'usmf|c1' };

/** A linked customer whose phone was changed on both sides; its name in Dataverse only. */
async function conflicting(policy: ConflictPolicy) {
  const { pipeline, ids } = await linkedCustomers(['c1']);
  const route = await pipeline.deps.maps.find('customers');
  if (route === null) throw new Error('There is no map of customers.');
  const fields = route.map.fields.map((field) => (field.id === 'phone' ? { ...field, policy } : field));
  const found = { ...route, map: { ...route.map, fields } };
  pipeline.deps.maps = { ...pipeline.deps.maps, find: async () => found };
  const rows = ids['c1'] ?? { finops: '', dataverse: '' };
  pipeline.sides.finops.edit(rows.finops, { Phone: 'f' });
  pipeline.sides.dataverse.edit(rows.dataverse, { phone: 'd', name: 'New name' });
  await pipeline.run([customerChange('c1', { hinted: ['finops', 'dataverse'] })]);
  return { pipeline, rows };
}

const phones = ({ sides }: Pipeline) => [
  sides.finops.find('Customers', 'Account', 'c1')?.values['Phone'],
  sides.dataverse.find('customer', 'number', 'c1')?.values['phone'],
];

async function decide(pipeline: Pipeline, choice: Choice, seen?: readonly [string | null, string | null]) {
  const [shown] = await showConflicts(pipeline.deps, RECORD);
  const ref = { ...RECORD, conflictId: shown?.conflict.id ?? '' };
  return decideConflict(pipeline.deps, ref, seen ?? shown?.current ?? [null, null], choice, 'ada@contoso.com');
}

describe('a conflict that waits for a person', () => {
  it('R17: parks the field alone: another field of the record crosses', async () => {
    const { pipeline } = await conflicting('manual');
    expect(phones(pipeline)).toEqual(['f', 'd']);
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values['Name']).toBe('New name');
    expect(await pipeline.parked()).toMatchObject([{ reason: 'manual', fault: { code: 'TW211' } }]);
    expect(await showConflicts(pipeline.deps, RECORD)).toMatchObject([
      {
        state: 'open',
        current: ['f', 'd'],
        conflict: { field: 'phone', values: ['f', 'd'], rule: 'manual', winner: null },
      },
    ]);
  });

  it.each<[string, Choice, string | null]>([
    ['the value of F&O', { take: 'finops' }, 'f'],
    ['the value of Dataverse', { take: 'dataverse' }, 'd'],
    ['a value of their own', { side: 'dataverse', value: ' typed ' }, 'typed'],
    ['no value', { side: 'finops', value: null }, null],
  ])('R17: is given %s on both sides, and the audit names who decided', async (_what, choice, expected) => {
    const { pipeline } = await conflicting('manual');
    expect(await decide(pipeline, choice)).toMatchObject({ ok: true });
    expect(phones(pipeline)).toEqual(['f', 'd']);
    await pipeline.drain();
    expect(phones(pipeline)).toEqual([expected, expected]);
    expect(await pipeline.parked()).toEqual([]);
    expect(await pipeline.link('usmf|c1')).toMatchObject({ open: {}, intent: null, parked: null });
    const audit = await pipeline.deps.state.listAudit(RECORD);
    const decided = audit.filter(({ decisions }) => decisions !== undefined);
    expect(decided.length).toBeGreaterThan(0);
    for (const entry of decided) expect(entry.decisions).toMatchObject([{ field: 'phone', actor: 'ada@contoso.com' }]);
    expect((await showConflicts(pipeline.deps, RECORD)).every(({ state }) => state !== 'open')).toBe(true);
  });

  it('R17 I5: a decision on values that have moved on writes nothing, and is kept beside the new ones', async () => {
    const { pipeline, rows } = await conflicting('manual');
    await decide(pipeline, { take: 'finops' });
    pipeline.sides.dataverse.edit(rows.dataverse, { phone: 'd2' });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['f', 'd2']);
    const shown = await showConflicts(pipeline.deps, RECORD);
    expect(shown.filter(({ state }) => state === 'open')).toMatchObject([{ current: ['f', 'd2'] }]);
    expect(shown.map(({ conflict }) => conflict)).toContainEqual(
      expect.objectContaining({ rule: 'decision-refused', base: ['f', 'd'], values: ['f', 'd2'], loserValue: 'f' }),
    );
    expect(await decide(pipeline, { take: 'finops' }, ['f', 'd'])).toMatchObject({
      ok: false,
      fault: { code: 'TW215' },
    });
  });

  it('R17 I9: a decision of which only one side was written is completed', async () => {
    const { pipeline } = await conflicting('manual');
    pipeline.sides.finops.script.onWrite = times(1, aFault('transient', 'TW102'));
    await decide(pipeline, { side: 'finops', value: 'typed' });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['typed', 'typed']);
    const conflicts = await pipeline.deps.state.listConflicts(RECORD);
    expect(conflicts.filter(({ rule }) => rule === 'decision-refused')).toEqual([]);
  });

  it('R17 I3: a decision that is delivered again does not touch what a person did since', async () => {
    const { pipeline, rows } = await conflicting('manual');
    await decide(pipeline, { take: 'finops' });
    const messages = pipeline.queue.take();
    const change = messages[0]?.body.type === 'change' ? messages[0].body.change : customerChange('c1');
    await pipeline.run([change]);
    await pipeline.run([change]);
    expect(phones(pipeline)).toEqual(['f', 'f']);
    pipeline.sides.dataverse.edit(rows.dataverse, { phone: 'later' });
    await pipeline.run([change]);
    expect(phones(pipeline)).toEqual(['later', 'later']);
  });

  it('R17 I3: a decision that is delivered again does not undo that a person restored what it overruled', async () => {
    const { pipeline, rows } = await conflicting('manual');
    await decide(pipeline, { take: 'finops' });
    const [message] = pipeline.queue.take();
    const change = message?.body.type === 'change' ? message.body.change : customerChange('c1');
    await pipeline.run([change]);
    pipeline.sides.dataverse.edit(rows.dataverse, { phone: 'd' });
    await pipeline.run([change]);
    expect(phones(pipeline)).toEqual(['d', 'd']);
  });

  it('R17: of two decisions of one field that meet in one batch the later holds', async () => {
    const { pipeline } = await conflicting('manual');
    await decide(pipeline, { take: 'finops' });
    await decide(pipeline, { take: 'dataverse' });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['d', 'd']);
  });

  it('R17: is superseded when both sides come to agree by themselves', async () => {
    const { pipeline, rows } = await conflicting('manual');
    pipeline.sides.dataverse.edit(rows.dataverse, { phone: 'f' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    expect(await showConflicts(pipeline.deps, RECORD)).toMatchObject([{ state: 'superseded', decision: null }]);
  });

  it('R17: the choice of one side is undone by the value of the other; one typed by hand must be named', async () => {
    const { pipeline } = await conflicting('manual');
    await decide(pipeline, { take: 'finops' });
    await pipeline.drain();
    pipeline.pass(1_000);
    expect(await decide(pipeline, 'undo')).toMatchObject({ ok: true, value: { side: 'dataverse', value: 'd' } });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['d', 'd']);
    pipeline.pass(1_000);
    await decide(pipeline, { side: 'finops', value: 'typed' });
    await pipeline.drain();
    expect(await decide(pipeline, 'undo')).toMatchObject({ ok: false, fault: { code: 'TW214' } });
  });

  it('refuses a field that a side takes at creation only', async () => {
    const { pipeline } = await conflicting('manual');
    const route = await pipeline.deps.maps.find('customers');
    if (route === null) throw new Error('There is no map of customers.');
    const { sides } = route.map;
    const fixed = {
      ...route.map,
      sides: { ...sides, dataverse: { ...sides.dataverse, createOnly: new Set(['phone']) } },
    };
    pipeline.deps.maps = { ...pipeline.deps.maps, find: async () => ({ ...route, map: fixed }) };
    expect(await decide(pipeline, { take: 'finops' })).toMatchObject({
      ok: false,
      fault: { code: 'TW214', message: expect.stringContaining('at creation only') },
    });
  });

  it('is listed with those of the past, page by page', async () => {
    const { pipeline } = await conflicting('manual');
    const page = await pageConflicts(pipeline.deps, 'customers', { cursor: null, records: 10 });
    expect(page).toMatchObject({ conflicts: [{ state: 'open', conflict: { key: 'usmf|c1' } }], cursor: null });
  });

  it('refuses what has no form on the other side, and what is no conflict', async () => {
    const { pipeline } = await conflicting('manual');
    const unknown = { ...RECORD, conflictId: 'none' };
    const answer = await decideConflict(pipeline.deps, unknown, ['f', 'd'], { take: 'finops' }, 'ada');
    expect(answer).toMatchObject({ ok: false, fault: { code: 'TW214' } });
    expect(await decide(pipeline, 'undo')).toMatchObject({ ok: false, fault: { code: 'TW214' } });
    expect(pipeline.queue.length).toBe(0);
  });
});

describe('a conflict that a rule decided', () => {
  it('I5: is undone by a change like any other: the loser comes back on both sides', async () => {
    const { pipeline } = await conflicting('finops-wins');
    expect(phones(pipeline)).toEqual(['f', 'f']);
    expect(await showConflicts(pipeline.deps, RECORD)).toMatchObject([
      { state: 'resolved', current: ['f', 'f'], conflict: { winner: 'finops', loserValue: 'd' } },
    ]);
    expect(await decide(pipeline, 'undo')).toMatchObject({ ok: true, value: { side: 'dataverse', value: 'd' } });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['d', 'd']);
    expect(await showConflicts(pipeline.deps, RECORD)).toMatchObject([
      { state: 'undone', decision: { side: 'dataverse', value: 'd', actor: 'ada@contoso.com' } },
    ]);
    const audit = await pipeline.deps.state.listAudit(RECORD);
    expect(
      audit
        .filter(({ decisions }) => decisions !== undefined)
        .map(({ side }) => side)
        .sort(),
    ).toEqual(['dataverse', 'finops']);
  });

  it('I5: comes back as it was when the undoing is undone', async () => {
    const { pipeline } = await conflicting('finops-wins');
    await decide(pipeline, 'undo');
    await pipeline.drain();
    pipeline.pass(1_000);
    expect(await decide(pipeline, 'undo')).toMatchObject({ ok: true, value: { side: 'finops', value: 'f' } });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['f', 'f']);
  });

  it('I5: is not undone over an edit that came since', async () => {
    const { pipeline, rows } = await conflicting('finops-wins');
    await decide(pipeline, 'undo');
    pipeline.sides.finops.edit(rows.finops, { Phone: 'newer' });
    await pipeline.drain();
    expect(phones(pipeline)).toEqual(['newer', 'newer']);
  });
});
