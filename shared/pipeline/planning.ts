import type { Change } from '../core/change/change.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { RowState } from '../core/record/row.ts';
import type { PerSide } from '../core/record/side.ts';
import type { RecordPlan } from '../core/write/plan-record.ts';
import type { ParkedChange, StoredLink } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import type { PlanCommand } from './sync-changes.ts';

/** One batch while it is planned: what it rests on, and what becomes of its changes. */
export interface Planning {
  deps: Dependencies;
  map: CompiledMap;
  command: PlanCommand;
  nowMs: number;
  claimUntilMs: number;
  links: Map<RecordKey, StoredLink>;
  again: Change[];
  parked: ParkedChange[];
  waitMs: number;
  settled: number;
}

/** The link of a row that was just created is not looked for; what was assumed wrongly is planned again in full. */
export function isTakenForNew(change: Change): boolean {
  return change.created === true && !change.full;
}

/** A record with its plan, before it is saved. */
export interface Planned {
  change: Change;
  plan: Exclude<RecordPlan, { kind: 'busy' }>;
  states: PerSide<RowState>;
}
