import { describe, expect, it } from 'vitest';
import type { TableMap } from '../../shared/core/map/table-map.ts';
import type { MapStore } from '../../shared/ports/map-store.ts';

function aMap(id: string, more: Partial<TableMap> = {}): TableMap {
  return {
    id,
    version: '1.0.0.0',
    publisher: 'Example',
    title: id,
    finops: { entity: 'CustomersV3', filter: null },
    dataverse: { table: 'account', filter: null },
    key: [{ finops: 'CustomerAccount', dataverse: 'accountnumber' }],
    fields: [{ finops: 'Name', dataverse: 'name', direction: 'both' }],
    conflict: { policy: 'newest-wins' },
    master: 'finops',
    deactivation: {},
    deleteGuard: { count: 100, percent: 20, windowMinutes: 60 },
    deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'ignore' },
    events: [],
    ...more,
  };
}

/** What every store of maps keeps; `create` gives an empty one. */
export function mapStoreContract(name: string, create: () => MapStore): void {
  describe(`${name} as a store of maps`, () => {
    it('lists what is installed, the new version in place of the old', async () => {
      const store = create();
      await store.install(aMap('customers'), 'stopped');
      await store.install(aMap('vendors', { note: 'n'.repeat(100_000) }), 'running');
      await store.install(aMap('customers', { version: '1.0.0.1' }), 'running');
      const listed = (await store.list()).sort((left, right) => left.map.id.localeCompare(right.map.id));
      expect(listed).toEqual([
        { map: aMap('customers', { version: '1.0.0.1' }), status: 'running' },
        { map: aMap('vendors', { note: 'n'.repeat(100_000) }), status: 'running' },
      ]);
    });

    it('changes the status and nothing else', async () => {
      const store = create();
      await store.install(aMap('orders'), 'running');
      await store.setStatus('orders', 'pausing');
      expect(await store.standing('orders')).toEqual({ status: 'pausing', version: '1.0.0.0' });
      await store.install(aMap('orders', { version: '1.0.0.1' }), 'pausing');
      expect(await store.standing('orders')).toEqual({ status: 'pausing', version: '1.0.0.1' });
      await store.install(aMap('orders'), 'pausing');
      expect((await store.list()).find(({ map }) => map.id === 'orders')).toEqual({
        map: aMap('orders'),
        status: 'pausing',
      });
    });

    it('tells the statuses of many maps at once', async () => {
      const store = create();
      const long = `orders-${'o'.repeat(200)}`;
      await store.install(aMap('customers'), 'running');
      await store.install(aMap(long), 'paused');
      await store.install(aMap('vendors'), 'pausing');
      expect(await store.statuses([long, 'customers', 'unknown'])).toEqual(
        new Map([
          [long, 'paused'],
          ['customers', 'running'],
          ['unknown', 'stopped'],
        ]),
      );
    });

    it('keeps the reason of a status, and forgets it with the next one', async () => {
      const store = create();
      const reason = { code: 'TW106', message: 'The table has no column x. '.repeat(50) } as const;
      await store.install(aMap('invoices'), 'running');
      await store.setStatus('invoices', 'stopped', reason);
      const listed = async () => (await store.list()).find(({ map }) => map.id === 'invoices');
      expect(await listed()).toEqual({ map: aMap('invoices'), status: 'stopped', reason });
      await store.setStatus('invoices', 'running');
      expect(await listed()).toEqual({ map: aMap('invoices'), status: 'running' });
      await store.setStatus('invoices', 'stopped', reason);
      await store.install(aMap('invoices', { version: '1.0.0.1' }), 'running');
      expect(await listed()).toEqual({ map: aMap('invoices', { version: '1.0.0.1' }), status: 'running' });
    });

    it('has a map that is not installed stopped, and gives it no other status', async () => {
      const store = create();
      expect((await store.standing('unknown')).status).toBe('stopped');
      await expect(store.setStatus('unknown', 'running')).rejects.toThrow('unknown is not installed');
      expect((await store.standing('unknown')).status).toBe('stopped');
    });
  });
}
