import type { Fault } from '../core/fault/fault.ts';
import { half, type IntendedWrite } from '../core/link/link.ts';
import type { CompiledField, CompiledMap } from '../core/map/compiled-map.ts';
import { type RecordKey, recordKey, recordKeyParts } from '../core/record/record-key.ts';
import type { Side } from '../core/record/side.ts';
import type { RecordRef } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

/** The record that a refused write waits for. */
export interface MissingParent {
  ref: RecordRef;
  /** Our link says that it is there, but the target says that it is not: it has to be looked at, too. */
  thoughtPresent: boolean;
}

/**
 * The record that a refused write was waiting for, if there is one. Dataverse says which lookup found nothing; F&O
 * says it in prose of the user's language only, so there every lookup that was written is checked: one whose record
 * is not linked on both sides is the one to wait for.
 */
export async function findMissingParent(
  deps: Dependencies,
  map: CompiledMap,
  key: RecordKey,
  side: Side,
  write: IntendedWrite | undefined,
  fault: Fault,
): Promise<MissingParent | null> {
  if (write === undefined || (fault.class !== 'missing-reference' && fault.class !== 'business')) return null;
  const fields = map.fields.filter((field) => isWrittenLookup(field, write, fault));
  for (const field of fields) {
    const value = half(write.pairs[field.id], 'dataverse');
    for (const ref of await parentsOf(deps, map, key, field, value)) {
      const stored = (await deps.state.loadLinks(ref.mapId, [ref.key], new Map())).get(ref.key);
      const there = stored?.link.state === 'linked' && stored.link.sides[side].presence === 'present';
      if (!there || fault.class === 'missing-reference') return { ref, thoughtPresent: there };
    }
  }
  return null;
}

function isWrittenLookup(field: CompiledField, write: IntendedWrite, fault: Fault): boolean {
  if (field.lookup === null || half(write.pairs[field.id], 'dataverse') === null) return false;
  return fault.class === 'business' || fault.field === undefined || fault.field === field.id;
}

/** Records of installed maps that a lookup value may mean: same table, key made of the column and the company. */
async function parentsOf(
  deps: Dependencies,
  map: CompiledMap,
  key: RecordKey,
  field: CompiledField,
  value: string | null,
): Promise<RecordRef[]> {
  const { lookup } = field;
  if (lookup === null || value === null) return [];
  const company = map.sides.dataverse.companyColumn === null ? null : (recordKeyParts(key)[0] ?? null);
  const routes = await deps.maps.routes();
  return routes.flatMap(({ map: parent }) => {
    const side = parent.sides.dataverse;
    if (!lookup.tables.includes(side.table)) return [];
    const parts = side.keyColumns.map((column) =>
      column === side.companyColumn ? company : column === lookup.column ? value : null,
    );
    const parentKey = recordKey(parts);
    return parentKey === null ? [] : [{ mapId: parent.id, key: parentKey }];
  });
}
