import type { PerSide, Side } from '../record/side.ts';
import { otherSide, SIDES } from '../record/side.ts';
import type { TableShape } from './compiled-map.ts';
import { inferShape } from './infer-shape.ts';
import { type Finding, type Severity, severityOf } from './map-codes.ts';
import type { TableMap } from './table-map.ts';
import { validateMap } from './validate-map.ts';

/** What is known of the two sides without asking them. */
export interface OfflineMetadata {
  shapes: PerSide<TableShape | null>;
  /** Whether the column's type is known for certain, not inferred. */
  documents(side: Side, column: string): boolean;
}

export interface WeighedFinding extends Finding {
  severity: Severity;
}

/** The shapes of both sides, those that are not known inferred from the map. */
function offlineShapes(map: TableMap, known: PerSide<TableShape | null>): PerSide<TableShape> {
  const shape = (side: Side): TableShape => known[side] ?? inferShape(map, side, known[otherSide(side)]);
  return { finops: shape('finops'), dataverse: shape('dataverse') };
}

/**
 * Checks a map without a system. Sides without metadata are reported and otherwise taken on trust; what rests on an
 * inferred type is a warning, since the type may be wrong instead of the map.
 */
export function validateOffline(map: TableMap, { shapes, documents }: OfflineMetadata): WeighedFinding[] {
  const names = { finops: map.finops.entity, dataverse: map.dataverse.table };
  const paths = { finops: 'finops.entity', dataverse: 'dataverse.table' };
  const blind = SIDES.filter((side) => shapes[side] === null).map((side): Finding => {
    const message = `no metadata of ${names[side]}; its columns and types are taken on trust`;
    return { code: 'M20', path: paths[side], message };
  });
  const guesses = (map.inferred ?? []).map((what, index): Finding => {
    return { code: 'M21', path: `inferred[${index}]`, message: `not told by the source: ${what}` };
  });
  const found = validateMap(map, offlineShapes(map, shapes)).filter(
    ({ code }) => blind.length === 0 || !TYPED.has(code),
  );
  const checked = found.map(({ code, where, message }) => {
    const finding: Finding = { code, path: where, message };
    const certain = code !== 'M07' || columnsAt(map, where).every(([side, column]) => documents(side, column));
    return { ...finding, severity: certain ? severityOf(finding) : ('warning' as const) };
  });
  return [...checked, ...[...blind, ...guesses].map((finding) => ({ ...finding, severity: severityOf(finding) }))];
}

/** What only the types of both sides can tell; inferred ones would raise false alarms. */
const TYPED: ReadonlySet<string> = new Set(['M17', 'M25', 'M26', 'M24']);

/** The columns of the row that a path leads to. A transform that no column could take is no matter of types. */
function columnsAt(map: TableMap, path: string): [Side, string][] {
  const field = map.fields[Number(/^fields\[(\d+)\]/.exec(path)?.[1] ?? Number.NaN)];
  if (field === undefined || field.finops === null || field.dataverse === null) return [];
  if (field.transform?.type === 'expression') return [];
  return SIDES.map((side) => [side, field[side] ?? '']);
}
