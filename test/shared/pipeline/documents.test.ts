import { describe, expect, it } from 'vitest';
import { compileMap } from '../../../shared/core/map/compile-map.ts';
import type { CompiledMap, TableShape } from '../../../shared/core/map/compiled-map.ts';
import { provisionalPart } from '../../../shared/core/map/numbering.ts';
import { type TableMap, tableMapSchema } from '../../../shared/core/map/table-map.ts';
import type { Values } from '../../../shared/core/record/canonical-value.ts';
import { aChange } from '../../contracts/state-rows.ts';
import { SHAPES } from '../../simulation/simulated-maps.ts';
import { aFault, type MemorySide } from './memory-side.ts';
import { createPipeline, type Pipeline } from './pipeline-fixture.ts';

const GENERAL = {
  version: '1.0.0.0',
  publisher: 'test',
  conflict: { policy: 'finops-wins' },
  master: 'finops',
  deletes: { finopsToDataverse: 'propagate', dataverseToFinops: 'propagate' },
} as const;

const ORDERS = tableMapSchema.parse({
  ...GENERAL,
  id: 'orders',
  title: 'Orders',
  finops: { entity: 'Orders', filter: null },
  dataverse: { table: 'order', filter: null },
  key: [{ finops: 'OrderId', dataverse: 'orderid' }],
  fields: [
    { finops: 'OrderId', dataverse: 'orderid', direction: 'both' },
    { finops: 'Status', dataverse: 'status', direction: 'both' },
  ],
});

/** A line's key is its order's and its number. */
const LINES = tableMapSchema.parse({
  ...GENERAL,
  id: 'lines',
  title: 'Order lines',
  finops: { entity: 'OrderLines', filter: null },
  dataverse: { table: 'orderline', filter: null },
  key: [
    { finops: 'OrderId', dataverse: 'order.orderid' },
    { finops: 'LineNumber', dataverse: 'linenumber' },
  ],
  fields: [
    { finops: 'OrderId', dataverse: 'order.orderid', direction: 'both' },
    { finops: 'LineNumber', dataverse: 'linenumber', direction: 'both' },
    { finops: 'Quantity', dataverse: 'quantity', direction: 'both' },
  ],
});

function compiled(map: TableMap): CompiledMap {
  const shape: TableShape | undefined = SHAPES['groups']?.dataverse;
  if (shape === undefined) throw new Error('there is no shape of groups');
  const linked = { ...shape, lookupTables: (path: string) => (path === 'order.orderid' ? ['order'] : []) };
  return compileMap(map, { finops: shape, dataverse: linked });
}

/** Both systems refuse a line without its order, and an order's deletion while it has lines. */
function refuseOrphans(side: MemorySide, order: [string, string], line: [string, string], code: 'TW204' | 'TW205') {
  side.script.onWrite = ({ operation, values, rowId }) => {
    const isLine = 'LineNumber' in values || 'linenumber' in values;
    const orderId = values[line[1]];
    if (operation === 'insert' && isLine && orderId != null && side.find(order[0], order[1], orderId) === undefined) {
      return aFault(code === 'TW204' ? 'missing-reference' : 'business', code, { field: 'order.orderid' });
    }
    const row = operation === 'delete' ? side.rows.get(rowId ?? '') : undefined;
    const held = row?.table === order[0] ? side.find(line[0], line[1], row.values[order[1]] ?? '') : undefined;
    return held === undefined ? null : aFault('business', 'TW205');
  };
}

async function scene(
  numberSequence?: TableMap['finops']['numberSequence'],
): Promise<{ pipeline: Pipeline; finops: MemorySide; dataverse: MemorySide }> {
  const pipeline = await createPipeline();
  const orders: TableMap = { ...ORDERS, finops: { ...ORDERS.finops, numberSequence } };
  const routes = [orders, LINES].map((map) => ({ map: compiled(map), finopsPhysicalName: null }));
  for (const map of [ORDERS, LINES]) await pipeline.deps.mapStore.install(map, 'running');
  pipeline.deps.maps = {
    routes: async () => routes,
    find: async (mapId) => routes.find(({ map }) => map.id === mapId) ?? null,
  };
  const { finops, dataverse } = pipeline.sides;
  refuseOrphans(finops, ['Orders', 'OrderId'], ['OrderLines', 'OrderId'], 'TW205');
  refuseOrphans(dataverse, ['order', 'orderid'], ['orderline', 'order.orderid'], 'TW204');
  return { pipeline, finops, dataverse };
}

const line = (number: number) => aChange('lines', `o1|${number}`, {});

function putDocument({ put }: MemorySide, lines: number): { order: string; lines: string[] } {
  const order = put('Orders', { OrderId: 'o1', Status: 'released' });
  const ids = Array.from({ length: lines }, (_, index) =>
    put('OrderLines', { OrderId: 'o1', LineNumber: String(index + 1), Quantity: '5' }),
  );
  return { order, lines: ids };
}

describe('a document of a header and lines', () => {
  it('I10: arrives whole when its lines are told of before it', async () => {
    const { pipeline, finops, dataverse } = await scene();
    putDocument(finops, 3);
    await pipeline.run([line(3), line(1), line(2)]);
    expect(dataverse.rows.size).toBe(0);
    expect((await pipeline.parked()).map(({ reason, awaits }) => [reason, awaits?.key])).toEqual(
      Array.from({ length: 3 }, () => ['missing-reference', 'o1']),
    );
    await pipeline.run([aChange('orders', 'o1', {})]);
    await pipeline.drain();
    expect([...dataverse.rows.values()].map(({ table }) => table).sort()).toEqual([
      'order',
      'orderline',
      'orderline',
      'orderline',
    ]);
    expect(await pipeline.parked()).toEqual([]);
  });

  it('R6: is deleted whole when the header goes first, or comes back where a line was added meanwhile', async () => {
    for (const added of [false, true]) {
      const { pipeline, finops, dataverse } = await scene();
      const { order, lines } = putDocument(finops, 2);
      await pipeline.run([aChange('orders', 'o1', {})]);
      await pipeline.run([line(1), line(2)]);
      expect(dataverse.rows.size).toBe(3);
      if (added) dataverse.put('orderline', { 'order.orderid': 'o1', linenumber: '9', quantity: '1' });
      for (const id of [...lines, order]) finops.remove(id);
      await pipeline.run([aChange('orders', 'o1', { deletedIds: { finops: [order] } })]);
      for (const [index, id] of lines.entries()) {
        await pipeline.run([{ ...line(index + 1), deletedIds: { finops: [id] } }]);
      }
      if (added) await pipeline.run([aChange('lines', 'o1|9', { hinted: ['dataverse'] })]);
      for (let tries = 0; tries < 5; tries += 1) await pipeline.wait(3_600_000);
      expect([finops.rows.size, dataverse.rows.size]).toEqual(added ? [2, 2] : [0, 0]);
    }
  });

  it('R27: arrives whole when F&O is still to number its header', async () => {
    const { pipeline, finops, dataverse } = await scene({ column: 'OrderId', matchColumn: 'Reference' });
    const plugIn = (values: Values): Values => ('Status' in values ? { OrderId: 'n1', ...values } : values);
    finops.script.plugIn = plugIn;
    const order = dataverse.put('order', { orderid: null, status: 'new' });
    const ownLine = dataverse.put('orderline', {
      'order.orderid': provisionalPart(order),
      linenumber: '1',
      quantity: '5',
    });
    const told = (mapId: string, id: string) =>
      aChange(mapId, null, { hinted: ['dataverse'], rowIds: { dataverse: [id] } });
    await pipeline.run([told('lines', ownLine)]);
    expect(await pipeline.parked()).toMatchObject([{ reason: 'missing-reference', fault: { code: 'TW204' } }]);
    await pipeline.run([told('orders', order)]);
    dataverse.edit(ownLine, { 'order.orderid': dataverse.rows.get(order)?.values['orderid'] ?? null });
    await pipeline.drain();
    for (let tries = 0; tries < 3; tries += 1) await pipeline.wait(3_600_000);
    expect([...finops.rows.values()].map(({ table, values }) => [table, values['OrderId']])).toEqual([
      ['Orders', 'n1'],
      ['OrderLines', 'n1'],
    ]);
    expect(dataverse.rows.size).toBe(2);
    expect(await pipeline.parked()).toEqual([]);
  });
});
