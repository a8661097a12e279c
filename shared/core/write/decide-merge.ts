import { type Merge, mergeFields } from '../conflict/merge-fields.ts';
import type { Link } from '../link/link.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import type { RecordKey } from '../record/record-key.ts';
import { otherSide, type PerSide, SIDES, type Side } from '../record/side.ts';
import type { Decision } from './decision.ts';
import { type DecideInput, rowOf, settled, sideAfterRead } from './record-facts.ts';
import { keyWait, manualWait, mappingWait } from './waits.ts';

export function decideMerge(input: DecideInput): Decision {
  const { map, link } = input;
  const rows = { finops: rowOf(input, 'finops'), dataverse: rowOf(input, 'dataverse') };
  const base = link.state === 'linked' ? link.base : null;
  const merge = mergeFields({ map, link, base, rows, source: input.source, decisions: input.decisions });
  if (merge.fault !== null) return settled(link, 'waiting', { wait: mappingWait(input, merge.fault) });
  const keys = keysOf(input);
  if (isStuck(input, keys, merge)) return settled(link, 'waiting', { wait: keyWait(input, keys) });
  const pending = SIDES.some((side) => Object.keys(merge.writes[side]).length > 0);
  const open = Object.keys(merge.open).length > 0;
  const reflected = !pending && !open;
  const extra = reactivation(input);
  const next: Link = {
    ...link,
    state: 'linked',
    base: merge.base,
    open: merge.open,
    // Until the write is done: should it be refused as stale, the next plan still rests on the inference.
    assumed: link.assumed.filter((field) => isStillAssumed(map, merge, field)),
    backflow: pending ? link.backflow : null,
    // Known until the row has been made active again.
    detached: Object.keys(extra).length > 0 ? link.detached : null,
    movedTo: null,
    sides: {
      finops: sideAfterRead(link.sides.finops, input.rows.finops, reflected),
      dataverse: sideAfterRead(link.sides.dataverse, input.rows.dataverse, reflected),
    },
  };
  return settled(next, link.state === 'linked' ? 'unchanged' : 'agreed', {
    conflicts: merge.conflicts,
    updates: merge.writes,
    extra,
    backflow: isBackflow(link, merge),
    rekey: !pending && keys.finops !== input.key ? keys.finops : null,
    wait: open ? manualWait(input, merge) : null,
  });
}

/** What is written because of it, and what this version of the map does not look at. */
function isStillAssumed(map: CompiledMap, { writes }: Merge, field: string): boolean {
  return SIDES.some((side) => writes[side][field] !== undefined) || !map.fields.some(({ id }) => id === field);
}

/** The keys that the rows bear now; null where a part of it was emptied. */
function keysOf({ map, key, rows }: DecideInput): PerSide<RecordKey | null> {
  const keyOn = (side: Side): RecordKey | null => {
    const state = rows[side];
    return state.state === 'in' ? map.keyOf(side, state.row) : key;
  };
  return { finops: keyOn('finops'), dataverse: keyOn('dataverse') };
}

/** A new key is carried over like any other value; where it cannot be, a person has to choose one. */
function isStuck({ map }: DecideInput, keys: PerSide<RecordKey | null>, merge: Merge): boolean {
  if (keys.finops === null || keys.dataverse === null) return true;
  const isCarried = map.fields.some((field) => {
    const isKey = map.sides.finops.keyColumns.includes(field.finops);
    return isKey && SIDES.some((side) => merge.writes[side][field.id] !== undefined);
  });
  return keys.finops !== keys.dataverse && !isCarried;
}

/** A deleted row came back: the one that was deactivated because of its deletion becomes active again. */
function reactivation({ map, link }: DecideInput): Decision['extra'] {
  if (link.detached === null) return {};
  const side = otherSide(link.detached);
  const { active } = map.sides[side].deactivation;
  return Object.keys(active).length === 0 ? {} : { [side]: active };
}

/** All that is written is a server's own answer on its way back. */
function isBackflow(link: Link, merge: Merge): boolean {
  const backflow = link.backflow;
  if (backflow === null) return false;
  const to = otherSide(backflow.from);
  const fields = Object.keys(merge.writes[to]);
  return Object.keys(merge.writes[backflow.from]).length === 0 && fields.every((id) => backflow.fields.includes(id));
}
