import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapFilesIn, readMapFile } from '../../cli/map-files.ts';
import { orderText } from '../../cli/map-order.ts';
import { compileMap } from '../../shared/core/map/compile-map.ts';
import { inferShape } from '../../shared/core/map/infer-shape.ts';
import { mapOrder } from '../../shared/core/map/map-order.ts';
import type { TableMap } from '../../shared/core/map/table-map.ts';
import { validateOffline } from '../../shared/core/map/validate-offline.ts';

const FOLDER = join(import.meta.dirname, '../../maps/standard');
const files = mapFilesIn([FOLDER]).map(readMapFile);
const maps = files.flatMap(({ map }) => map ?? []);

function mapOf(id: string): TableMap {
  const found = maps.find((map) => map.id === id);
  if (found === undefined) throw new Error(`no map ${id}`);
  return found;
}

describe('the standard maps', () => {
  it('are 122 documents of the shape of maps, each in a file of its name', () => {
    expect(files.flatMap(({ file, findings }) => findings.map((finding) => `${file} ${finding.message}`))).toEqual([]);
    expect(new Set(maps.map(({ id }) => id)).size).toBe(122);
    expect(files.filter(({ file, map }) => basename(file, '.json') !== map?.id)).toEqual([]);
  });

  it('validate without errors and compile', () => {
    const nothing = { shapes: { finops: null, dataverse: null }, documents: () => false };
    for (const map of maps) {
      const errors = validateOffline(map, nothing).filter(({ severity }) => severity === 'error');
      expect(errors, map.id).toEqual([]);
      const shapes = { finops: inferShape(map, 'finops', null), dataverse: inferShape(map, 'dataverse', null) };
      const compiled = compileMap(map, shapes);
      const columns = map.fields.filter(({ finops, dataverse }) => finops !== null && dataverse !== null);
      expect(compiled.fields, map.id).toHaveLength(columns.length);
    }
  });

  it('hold every row, value map, constant, filter and lookup of their source', () => {
    const fields = maps.flatMap((map) => map.fields);
    const count = (test: (field: TableMap['fields'][number]) => boolean): number => fields.filter(test).length;
    expect({
      rows: fields.length,
      both: count(({ direction }) => direction === 'both'),
      toDataverse: count(({ direction }) => direction === 'finops-to-dataverse'),
      toFinops: count(({ direction }) => direction === 'dataverse-to-finops'),
      valueMaps: count(({ transform }) => transform?.type === 'value-map'),
      defaults: count(({ transform }) => transform?.type === 'default'),
      finopsFilters: maps.filter(({ finops }) => finops.filter !== null).length,
      dataverseFilters: maps.filter(({ dataverse }) => dataverse.filter !== null).length,
      polymorphic: count(({ dataverse }) => dataverse?.includes('(') ?? false),
    }).toEqual({
      rows: 1525,
      both: 1178,
      toDataverse: 327,
      toFinops: 20,
      valueMaps: 270,
      defaults: 37,
      finopsFilters: 13,
      dataverseFilters: 15,
      polymorphic: 7,
    });
  });

  it('say what their source does not tell', () => {
    expect(mapOf('customers-v3--accounts-without-gab').inferred).toContainEqual(expect.stringContaining('fields[32]'));
    expect(mapOf('dynamics-365-sales-quotation-lines--quotedetails')).toMatchObject({
      version: '2.0.0.0',
      dataverse: { filter: 'msdyn_linetype ne 690970000 or msdyn_linetype eq null' },
      inferred: expect.arrayContaining([expect.stringContaining('1.x.x.x: none')]),
    });
  });

  it('are listed in the order that their lookups demand', () => {
    const order = mapOrder(maps);
    const stageOf = (id: string): number => order.stages.findIndex((ids) => ids.includes(id));
    expect(stageOf('customers-v3--accounts')).toBeGreaterThan(stageOf('customer-groups--msdyn_customergroups'));
    expect(stageOf('cds-sales-order-lines--salesorderdetails')).toBeGreaterThan(
      stageOf('cds-sales-order-headers--salesorders'),
    );
    expect(order.cycles).toContainEqual(['account']);
    expect(readFileSync(join(FOLDER, '../README.md'), 'utf8')).toContain(orderText(order));
  });
});
