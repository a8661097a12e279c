import type { Change } from '../core/change/change.ts';
import type { Fault } from '../core/fault/fault.ts';
import { half, type IntendedWrite, type Link } from '../core/link/link.ts';
import type { CompiledField, CompiledMap } from '../core/map/compiled-map.ts';
import { isProvisional } from '../core/map/numbering.ts';
import { type RecordKey, recordKey, recordKeyParts } from '../core/record/record-key.ts';
import type { Row } from '../core/record/row.ts';
import { SIDES, type Side } from '../core/record/side.ts';
import type { ParkedChange, RecordRef } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { parkedChange } from './park.ts';

/** The records that a refused write refers to, judged by our own links. */
export interface ParentsOfWrite {
  /**
   * What to wait for: not linked, or told to be missing by the target. Several where a lookup may mean records of
   * several maps; empty when there is none.
   */
  missing: readonly RecordRef[];
  /** Those of the missing that were never heard of: they may exist in the source, from before. */
  unheardOf: readonly RecordRef[];
  /** Held for present: the target may know better, so they are worth a look. */
  thoughtPresent: readonly RecordRef[];
}

/**
 * What a refused write may be waiting for. Dataverse says which lookup found nothing; F&O says it in prose of the
 * user's language only, so there every lookup that was written is checked: one whose record is linked in none of the
 * maps that it may belong to is the one to wait for.
 */
export async function findParents(
  deps: Dependencies,
  map: CompiledMap,
  key: RecordKey,
  side: Side,
  write: IntendedWrite | undefined,
  fault: Fault,
): Promise<ParentsOfWrite> {
  const parents: ParentsOfWrite = { missing: [], unheardOf: [], thoughtPresent: [] };
  if (write === undefined || (fault.class !== 'missing-reference' && fault.class !== 'business')) return parents;
  const thoughtPresent: RecordRef[] = [];
  for (const field of map.fields.filter((each) => isWrittenLookup(each, write, fault))) {
    const value = half(write.pairs[field.id], 'dataverse');
    const candidates = await parentsOf(deps, map, key, field, value);
    const links = await Promise.all(candidates.map((ref) => freshLink(deps, ref)));
    const there = candidates.filter((_, index) => isThere(links[index], side));
    if (candidates.length > 0 && there.length === 0) {
      const unheardOf = candidates.filter((_, index) => links[index] === undefined);
      return { missing: candidates, unheardOf, thoughtPresent: [] };
    }
    thoughtPresent.push(...there);
  }
  const missing = fault.class === 'missing-reference' ? thoughtPresent.slice(0, 1) : [];
  return { missing, unheardOf: [], thoughtPresent };
}

async function freshLink(deps: Dependencies, { mapId, key }: RecordRef): Promise<Link | undefined> {
  return (await deps.state.loadLinks(mapId, [key], new Map())).get(key)?.link;
}

function isThere(link: Link | undefined, side: Side): boolean {
  return link?.state === 'linked' && ['present', 'outside'].includes(link.sides[side].presence);
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

/**
 * A new row whose key leads through a row that F&O is still to number has no key of its own yet: it waits under that row's
 * record, named by its id. Null for every other row.
 */
export async function waitForNumber(
  deps: Dependencies,
  map: CompiledMap,
  change: Change,
  row: Row,
): Promise<ParkedChange | null> {
  const { keyColumns } = map.sides.dataverse;
  const isOwed = ({ lookup, dataverse }: CompiledField): boolean =>
    lookup !== null && keyColumns.includes(dataverse) && isProvisional(row.values[dataverse] ?? null);
  const field = map.fields.find(isOwed);
  if (field === undefined) return null;
  const key = map.keyOf('dataverse', row) ?? '';
  const [awaits = null] = await parentsOf(deps, map, key, field, row.values[field.dataverse] ?? null);
  const parked = parkedChange(deps, change, 'missing-reference', missingNumber(map, row.id, field), { awaits });
  if (awaits !== null) await deps.state.addWaiter(awaits, parked.identity, map.id);
  return parked;
}

/** F&O would take what stands for the number of another record for a number, or for no reference. */
export function missingNumber(map: CompiledMap, record: string, { id, dataverse }: CompiledField): Fault {
  const message = `Record ${record} of ${map.title} refers by ${dataverse} to a row that has no number yet. It follows as soon as that has one.`;
  return { code: 'TW204', class: 'missing-reference', message, field: id };
}

/**
 * The target lacks a record that we hold for present, or never heard of: a hint about it finds out, and brings it; one for each
 * version of the child's link.
 */
export async function lookAtParent(deps: Dependencies, ref: RecordRef, childEtag: string): Promise<void> {
  const change: Change = {
    ...ref,
    hinted: [...SIDES],
    rowIds: {},
    deletedIds: {},
    full: true,
    attempts: 0,
    releases: 0,
    sinceMs: deps.clock.nowMs(),
  };
  await deps.queue.send([{ id: `parent-${ref.mapId}-${ref.key}-${childEtag}`, body: { type: 'change', change } }]);
}
