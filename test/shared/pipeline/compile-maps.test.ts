import { describe, expect, it } from 'vitest';
import { createMemoryMapStore } from '../../../shared/adapters/memory/memory-map-store.ts';
import { failure, success } from '../../../shared/core/fault/fault.ts';
import type { TableShape } from '../../../shared/core/map/compiled-map.ts';
import type { TableMap } from '../../../shared/core/map/table-map.ts';
import { compileInstalled, createCompiledMaps, MapsUnreadError } from '../../../shared/pipeline/compile-maps.ts';
import type { TableShapes } from '../../../shared/ports/table-shapes.ts';
import { aShape, NOW, smallTableMap } from '../core/small-world.ts';
import { aFault } from './memory-side.ts';

/** Metadata of a side that can be taken away. */
function shapesOf(shape: TableShape): TableShapes & { down: boolean; asked: number } {
  const shapes = {
    down: false,
    asked: 0,
    shape: async () => {
      shapes.asked += 1;
      return shapes.down ? failure<TableShape>(aFault('transient', 'TW102')) : success(shape);
    },
    eventName: async () => (shapes.down ? failure<string>(aFault('transient', 'TW102')) : success('smallentity')),
  };
  return shapes;
}

async function installed(...maps: TableMap[]) {
  const shapes = { finops: shapesOf(aShape()), dataverse: shapesOf(aShape()) };
  const mapStore = createMemoryMapStore();
  for (const map of maps) await mapStore.install(map, 'running');
  let nowMs = NOW;
  const compiled = createCompiledMaps({ mapStore, shapes, clock: { nowMs: () => nowMs } });
  return { shapes, mapStore, compiled, pass: (delayMs: number) => (nowMs += delayMs) };
}

describe('compileInstalled', () => {
  it('compiles a valid map, with the name that the events of F&O have for its table', async () => {
    const shapes = { finops: shapesOf(aShape()), dataverse: shapesOf(aShape()) };
    const result = await compileInstalled(shapes, smallTableMap());
    expect(result).toMatchObject({ ok: true, value: { finopsPhysicalName: 'smallentity', map: { id: 'small' } } });
  });

  it('names every finding of a map that is not valid', async () => {
    const shape = aShape({ typeOf: (column) => (column === 'a' ? null : { kind: 'text' }), tellsModifiedAt: false });
    const shapes = { finops: shapesOf(shape), dataverse: shapesOf(shape) };
    const result = await compileInstalled(shapes, smallTableMap({ policy: 'newest-wins' }));
    expect(result).toMatchObject({ ok: false, fault: { code: 'TW304', class: 'configuration' } });
    expect(result.ok ? '' : result.fault.message).toMatch(/M01 fields\[1\].*M08 conflict/);
  });

  it('takes a map whose findings are warnings', async () => {
    const shapes = { finops: shapesOf(aShape()), dataverse: shapesOf(aShape({}, { b: { kind: 'date' } })) };
    expect(await compileInstalled(shapes, smallTableMap())).toMatchObject({ ok: true });
  });

  it('passes on the fault of a side that cannot be asked', async () => {
    const shapes = { finops: shapesOf(aShape()), dataverse: shapesOf(aShape()) };
    shapes.dataverse.down = true;
    expect(await compileInstalled(shapes, smallTableMap())).toMatchObject({ ok: false, fault: { code: 'TW102' } });
  });
});

describe('createCompiledMaps', () => {
  it('compiles a version once, and takes up a new version within seconds', async () => {
    const { compiled, mapStore, shapes, pass } = await installed(smallTableMap());
    const first = await compiled.find('small');
    pass(6_000);
    expect(await compiled.find('small')).toBe(first);
    expect(shapes.finops.asked).toBe(1);
    await mapStore.install({ ...smallTableMap(), version: '1.0.0.1' }, 'running');
    pass(6_000);
    expect((await compiled.find('small'))?.map.version).toBe('1.0.0.1');
    expect(await compiled.find('other')).toBeNull();
  });

  it('asks once for all who ask at the same time', async () => {
    const { compiled, shapes } = await installed(smallTableMap());
    await Promise.all([compiled.routes(), compiled.routes(), compiled.find('small')]);
    expect(shapes.finops.asked).toBe(1);
  });

  it('leaves out a map that is not valid, and keeps the others', async () => {
    const invalid = { ...smallTableMap(), id: 'invalid', key: [{ finops: 'A', dataverse: 'b' }] };
    const { compiled } = await installed(smallTableMap(), invalid);
    expect((await compiled.routes()).map(({ map }) => map.id)).toEqual(['small']);
  });

  it('I4: takes no event for unbound while a side cannot tell its metadata', async () => {
    const { compiled, shapes } = await installed(smallTableMap());
    shapes.dataverse.down = true;
    await expect(compiled.routes()).rejects.toThrow(MapsUnreadError);
    await expect(compiled.find('small')).rejects.toThrow(MapsUnreadError);
    shapes.dataverse.down = false;
    expect((await compiled.routes()).map(({ map }) => map.id)).toEqual(['small']);
  });
});
