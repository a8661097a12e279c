import { describe, expect, it } from 'vitest';
import { aFault } from './memory-side.ts';
import { createPipeline, customerChange, finopsCustomer, groupChange, type Pipeline } from './pipeline-fixture.ts';

describe('references', () => {
  const missingGroup = (pipeline: Pipeline): void => {
    pipeline.sides.dataverse.script.onWrite = ({ values }) => {
      const group = values['parentgroup.groupid'];
      if (group == null || pipeline.sides.dataverse.find('group', 'groupid', group) !== undefined) return null;
      return aFault('missing-reference', 'TW204', { field: 'parentgroup.groupid' });
    };
  };

  it('I10: a child waits for its parent, and is released by the parent being recorded', async () => {
    const pipeline = await createPipeline();
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([customerChange('c1')]);
    expect(await pipeline.parked()).toMatchObject([
      { reason: 'missing-reference', awaits: { mapId: 'groups', key: 'g1' }, fault: { code: 'TW204' } },
    ]);
    expect(pipeline.sides.dataverse.rows.size).toBe(0);
    pipeline.queue.take();
    await pipeline.run([groupChange('g1')]);
    expect(pipeline.queue.length).toBe(1);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['parentgroup.groupid']).toBe('g1');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I10: a parent that was never synchronised is brought over first', async () => {
    const pipeline = await createPipeline();
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([customerChange('c1')]);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')?.values['parentgroup.groupid']).toBe('g1');
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I6: a parent that is nowhere to be found releases nothing: its child waits for time', async () => {
    const pipeline = await createPipeline();
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    await pipeline.run([customerChange('c1')]);
    await pipeline.run([groupChange('g1', { full: true })]);
    expect(pipeline.queue.take().map(({ body }) => body)).toMatchObject([{ change: { mapId: 'groups' } }]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'missing-reference', change: { releases: 0 } }]);
  });

  it('I10: a parent that was never synchronised is waited for where the setting says so', async () => {
    const pipeline = await createPipeline();
    pipeline.deps.settings = { ...pipeline.deps.settings, syncMissingParents: false };
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.queue.length).toBe(0);
    expect(await pipeline.parked()).toHaveLength(1);
  });

  it('I10: a parent that came while its child was being parked releases it at once', async () => {
    const pipeline = await createPipeline();
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([customerChange('c1')], {
      before: async (command) => {
        if (command.kind === 'record') await pipeline.run([groupChange('g1')]);
      },
    });
    expect(pipeline.queue.length).toBe(1);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')).toBeDefined();
  });

  it('I10: a parent that was recorded just before its child began to wait for it releases it, too', async () => {
    const pipeline = await createPipeline();
    pipeline.deps.settings = { ...pipeline.deps.settings, syncMissingParents: false };
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    const { state } = pipeline.deps;
    pipeline.deps.state = {
      ...state,
      addWaiter: async (awaited, identity, mapId) => {
        await pipeline.run([groupChange('g1')]);
        expect(pipeline.queue.length).toBe(0);
        await state.addWaiter(awaited, identity, mapId);
      },
    };
    await pipeline.run([customerChange('c1')]);
    expect(pipeline.queue.length).toBe(1);
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')).toBeDefined();
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I10: F&O, which says it in prose only, has its unlinked lookups taken for the reason', async () => {
    const pipeline = await createPipeline();
    const hasGroup = (): boolean => pipeline.sides.finops.find('Groups', 'GroupId', 'g1') !== undefined;
    pipeline.sides.finops.script.onWrite = ({ key }) =>
      key === 'usmf|c1' && !hasGroup() ? aFault('business', 'TW205') : null;
    const values = { number: 'c1', 'company.code': 'usmf', kindcode: '3', 'parentgroup.groupid': 'g1' };
    pipeline.sides.dataverse.put('customer', values);
    pipeline.sides.dataverse.put('group', { groupid: 'g1', title: 'Retail' });
    await pipeline.run([customerChange('c1', { hinted: ['dataverse'] })]);
    expect(await pipeline.parked()).toMatchObject([{ awaits: { mapId: 'groups', key: 'g1' } }]);
    await pipeline.run([groupChange('g1', { hinted: ['dataverse'] })]);
    await pipeline.drain();
    expect(pipeline.sides.finops.find('Customers', 'Account', 'c1')?.values['GroupId']).toBe('g1');
  });

  it('I10: where a lookup may mean records of several maps, any of them that is there is the one', async () => {
    const pipeline = await createPipeline();
    const routes = await pipeline.deps.maps.routes();
    const twin = routes.map((route) => ({ ...route, map: { ...route.map, id: `${route.map.id}-too` } }));
    const all = [...routes, ...twin];
    pipeline.deps.maps = { routes: async () => all, find: async (id) => all.find(({ map }) => map.id === id) ?? null };
    missingGroup(pipeline);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([customerChange('c1')], {
      before: async ({ kind }) => void (kind === 'record' && (await pipeline.run([groupChange('g1')]))),
    });
    await pipeline.drain();
    expect(pipeline.sides.dataverse.find('customer', 'number', 'c1')).toBeDefined();
    expect(await pipeline.parked()).toEqual([]);
  });

  it('I10: a look at the parent finds the child waiting, however soon it is taken', async () => {
    const pipeline = await createPipeline();
    missingGroup(pipeline);
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([groupChange('g1')]);
    const group = pipeline.sides.dataverse.find('group', 'groupid', 'g1')?.id ?? '';
    pipeline.sides.dataverse.remove(group);
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    const { queue } = pipeline.deps;
    const parkedWhenAsked: number[] = [];
    pipeline.deps.queue = {
      send: async (messages) => {
        parkedWhenAsked.push((await pipeline.parked()).length);
        await queue.send(messages);
      },
    };
    await pipeline.run([customerChange('c1')]);
    expect(parkedWhenAsked).toEqual([1]);
  });

  it('I10: a parent that we hold for present and the target does not is looked at, too', async () => {
    const pipeline = await createPipeline();
    missingGroup(pipeline);
    pipeline.sides.finops.put('Groups', { GroupId: 'g1', Title: 'Retail' });
    await pipeline.run([groupChange('g1')]);
    pipeline.sides.dataverse.remove(pipeline.sides.dataverse.find('group', 'groupid', 'g1')?.id ?? '');
    pipeline.sides.finops.put('Customers', finopsCustomer('c1', { GroupId: 'g1' }));
    await pipeline.run([customerChange('c1')]);
    const [message] = pipeline.queue.take();
    expect(message?.body).toMatchObject({ type: 'change', change: { mapId: 'groups', key: 'g1', full: true } });
  });
});
