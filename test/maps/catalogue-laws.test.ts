import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapFilesIn, readMapFile } from '../../cli/map-files.ts';
import { metadataFinder } from '../../cli/map-validate.ts';
import { compileMap } from '../../shared/core/map/compile-map.ts';
import type { CompiledField, CompiledMap } from '../../shared/core/map/compiled-map.ts';
import { inferShape } from '../../shared/core/map/infer-shape.ts';
import type { TableMap } from '../../shared/core/map/table-map.ts';
import { type CanonicalValue, canonicalValue, NotCanonicalError } from '../../shared/core/record/canonical-value.ts';
import type { ColumnType } from '../../shared/core/record/column-type.ts';
import { otherSide, SIDES, type Side } from '../../shared/core/record/side.ts';

const ROWS = 50;
const metadataOf = metadataFinder(undefined);
const compiled = mapFilesIn([join(import.meta.dirname, '../../maps')]).map((file) => {
  const { map } = readMapFile(file);
  if (map === null) throw new Error(`${file} is no map`);
  const known = metadataOf(file);
  const finops = known.shape('finops', map.finops.entity);
  const dataverse = known.shape('dataverse', map.dataverse.table);
  const shapes = {
    finops: finops ?? inferShape(map, 'finops', dataverse),
    dataverse: dataverse ?? inferShape(map, 'dataverse', finops),
  };
  return { name: `${map.id} of ${map.publisher}`, map, plan: compileMap(map, shapes) };
});

/** Values as a system may tell them; those that a column cannot hold are left out. */
const WIRE: Record<ColumnType['kind'], fc.Arbitrary<string>> = {
  text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', 'ß', '😀', 'x'.repeat(4000))),
  enum: fc.constantFrom('Yes', 'NO', 'unheardOf', 'Organization'),
  option: fc.constantFrom('0', '1', '3', '192350000', '806380005'),
  options: fc.constantFrom('1', '3,1'),
  integer: fc.integer().map(String),
  decimal: fc.oneof(fc.constantFrom('0.0000000001', '-0', '12345678901234567890.0123456789'), fc.integer().map(String)),
  boolean: fc.constantFrom('true', 'false'),
  date: fc.constantFrom('2026-03-29', '2026-10-25', '1900-01-01', '2154-12-31'),
  instant: fc.constantFrom('2026-03-29T01:00:00Z', '2026-10-25T00:30:00.5Z', '1900-01-01T00:00:00Z'),
  guid: fc.uuid(),
};

type FilledRow = Record<string, CanonicalValue>;

/** Rows of a side: what the value maps list, in any case, and what the columns' types may hold. */
function rowsOf(map: TableMap, plan: CompiledMap, side: Side): fc.Arbitrary<FilledRow> {
  const columns = plan.fields.map((field) => [field[side], valuesOf(map, plan, field, side)] as const);
  return fc.record(Object.fromEntries(columns));
}

function valuesOf(map: TableMap, plan: CompiledMap, field: CompiledField, side: Side): fc.Arbitrary<CanonicalValue> {
  const type = plan.sides[side].typeOf(field[side]);
  const { transform } = map.fields.find((each) => each.dataverse === field.dataverse) ?? {};
  const listed =
    transform?.type === 'value-map' ? transform.pairs.map((pair) => pair[side === 'finops' ? 0 : 1]) : [''];
  const told = fc.constantFrom(...listed.flatMap((text) => [text, text.toUpperCase()]));
  return fc.oneof(fc.constant(null), told, WIRE[type.kind]).map((wire) => held(wire, type) ?? null);
}

/** Undefined for what the column cannot hold. */
function held(wire: CanonicalValue, type: ColumnType): CanonicalValue | undefined {
  try {
    const value = canonicalValue(wire, type);
    const limit = type.kind === 'text' ? (type.maxLength ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    return value !== null && value.length > limit ? undefined : value;
  } catch (error) {
    if (!(error instanceof NotCanonicalError)) throw error;
    return undefined;
  }
}

/** Carries a row over; fields that do not flow, or have no form on the other side, are left out. */
function carried(plan: CompiledMap, from: Side, row: FilledRow): Map<string, CanonicalValue> {
  const flowing = plan.fields.filter((field) => field.flowsFrom[from]);
  return new Map(
    flowing.flatMap((field) => {
      const converted = field.convert(from, row[field[from]] ?? null);
      return converted.ok ? [[field.id, converted.value] as const] : [];
    }),
  );
}

describe.each(SIDES)('every map of the catalogue, with rows of %s', (from) => {
  const to = otherSide(from);

  it.each(compiled)(
    '$name: what was put is in canonical form, and got and put again stays as it is',
    ({ map, plan }) => {
      fc.assert(
        fc.property(rowsOf(map, plan, from), (row) => {
          for (const [id, put] of carried(plan, from, row)) {
            const field = plan.fields.find((each) => each.id === id);
            if (field === undefined) throw new Error(`no field ${id}`);
            expect(held(put, plan.sides[to].typeOf(field[to])), id).toBe(put);
            if (!field.flowsFrom[to]) continue;
            const got = field.convert(to, put);
            expect(got.ok, `${id} has no way back for "${put}"`).toBe(true);
            expect(field.convert(from, got.ok ? got.value : null), id).toEqual({ ok: true, value: put });
          }
        }),
        { numRuns: ROWS, seed: 20261127 },
      );
    },
  );
});

describe('every map of the catalogue', () => {
  it.each(compiled)('$name: carries the fields that its directions say, and no other', ({ map, plan }) => {
    for (const field of plan.fields) {
      const mapping = map.fields.find((each) => each.dataverse === field.dataverse);
      expect(field.flowsFrom).toEqual({
        finops: mapping?.direction !== 'dataverse-to-finops',
        dataverse: mapping?.direction !== 'finops-to-dataverse',
      });
    }
  });
});
