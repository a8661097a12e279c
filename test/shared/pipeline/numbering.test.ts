import { describe, expect, it } from 'vitest';
import { compileMap } from '../../../shared/core/map/compile-map.ts';
import { provisionalPart } from '../../../shared/core/map/numbering.ts';
import { handleCommand } from '../../../shared/pipeline/handle-command.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { CUSTOMER_MAP, SHAPES, SIMULATED_MAPS } from '../../simulation/simulated-maps.ts';
import { aFault } from './memory-side.ts';
import { numberedPersons, personChange } from './numbered-persons.ts';

describe('a record that F&O numbers', () => {
  it('R27: is created without a number, which goes back to Dataverse, and its link moves there', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    await pipeline.run([personChange(id)]);
    expect([...finops.rows.values()].map(({ values }) => values)).toMatchObject([
      { Account: 'n1', Name: 'Ada', Reference: id, dataAreaId: 'usmf' },
    ]);
    expect([...dataverse.rows.values()].map(({ values }) => values)).toMatchObject([{ number: 'n1', name: 'Ada' }]);
    expect(await pipeline.link('usmf|n1', 'persons')).toMatchObject({ state: 'linked', movedFrom: null });
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R27: is found by the id of its Dataverse row when the answer to its create was lost', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    let lost = 1;
    finops.script.afterWrite = () => {
      lost -= 1;
      return lost >= 0 ? aFault('unknown', 'TW103') : null;
    };
    await pipeline.run([personChange(id)]);
    expect(finops.rows.size).toBe(1);
    expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'n1' });
  });

  it('R27: is completed by the next attempt when the host dies after each step', async () => {
    for (const step of ['plan', 'write', 'record'] as const) {
      const { pipeline, finops, dataverse, id } = await numberedPersons();
      await pipeline.run([personChange(id)], { dies: ({ kind }) => kind === step });
      expect([finops.rows.size, dataverse.rows.size]).toEqual([1, 1]);
      expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'n1' });
    }
  });

  it('R27: keeps the event of its own F&O row from making a second record, before its number is recorded', async () => {
    const { pipeline, finops, id } = await numberedPersons();
    const plans: unknown[] = [];
    const created = aChange('persons', 'usmf|n1', { created: true });
    await pipeline.run([personChange(id)], {
      before: async ({ kind }) => {
        if (kind !== 'record' || plans.length > 0) return;
        expect(finops.rows.size).toBe(1);
        plans.push(
          await handleCommand(pipeline.deps, { kind: 'plan', mapId: 'persons', owner: 'other', changes: [created] }),
        );
      },
    });
    expect(plans).toMatchObject([{ claimed: [], settled: 0, again: [{ key: `usmf|unnumbered:${id}` }] }]);
  });

  it('R27: with a number that somebody typed in Dataverse is created under that number', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    dataverse.edit(id, { number: 'typed' });
    await pipeline.run([personChange(id)]);
    expect([...finops.rows.values()].map(({ values }) => values)).toMatchObject([{ Account: 'typed', Reference: id }]);
  });

  it('R27: is given its number again when that was taken away in Dataverse', async () => {
    const { pipeline, finops, dataverse, id } = await numberedPersons();
    await pipeline.run([personChange(id)]);
    dataverse.edit(id, { number: null });
    await pipeline.run([personChange(id)]);
    expect(dataverse.rows.get(id)?.values).toMatchObject({ number: 'n1' });
    expect(await pipeline.parked()).toEqual([]);
    expect(finops.rows.size).toBe(1);
  });

  it('R27: is waited for by a record that refers to it, which follows when it has its number', async () => {
    const { pipeline, finops, dataverse } = await numberedPersons();
    const numberSequence = { column: 'GroupId', matchColumn: 'Reference' };
    const [groups] = SIMULATED_MAPS.filter(({ id }) => id === 'groups');
    const numbered = groups && { ...groups, finops: { ...groups.finops, numberSequence } };
    const shapes = SHAPES['groups'];
    if (numbered === undefined || shapes === undefined) throw new Error('there is no map of groups');
    const routes = [compileMap(numbered, shapes), CUSTOMER_MAP].map((map) => ({ map, finopsPhysicalName: null }));
    pipeline.deps.maps = {
      routes: async () => routes,
      find: async (mapId) => routes.find(({ map }) => map.id === mapId) ?? null,
    };
    finops.script.plugIn = (values) => (values['Title'] === undefined ? values : { ...values, GroupId: 'g7' });
    const group = dataverse.put('group', { groupid: null, title: 'New' });
    const standIn = provisionalPart(group);
    const customer = dataverse.put('customer', {
      number: 'c1',
      'company.code': 'usmf',
      kindcode: '3',
      'parentgroup.groupid': standIn,
    });
    await pipeline.run([aChange('customers', 'usmf|c1', { hinted: ['dataverse'] })]);
    expect(await pipeline.parked()).toMatchObject([
      { reason: 'missing-reference', fault: { code: 'TW204' }, awaits: { mapId: 'groups', key: standIn } },
    ]);
    expect(finops.rows.size).toBe(0);
    await pipeline.run([aChange('groups', null, { hinted: ['dataverse'], rowIds: { dataverse: [group] } })]);
    dataverse.edit(customer, { 'parentgroup.groupid': dataverse.rows.get(group)?.values['groupid'] ?? null });
    await pipeline.drain();
    expect(finops.find('Customers', 'Account', 'c1')?.values).toMatchObject({ GroupId: 'g7' });
    expect(await pipeline.parked()).toEqual([]);
  });
});
