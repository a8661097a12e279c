import type { ParkedAct, ParkedFilter, StoredParkedChange } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { releaseParked } from './release-parked.ts';

/** One parked change, or all that pass a filter, at most `limit`. */
export type ParkedSelection =
  | { mapId: string; identity: string }
  | { filter: Omit<ParkedFilter, 'dueByMs' | 'limit'>; code: string | null; limit: number };

/** A filter on the fault looks at so many of them at most. */
const LOOKED_AT_MAX = 5_000;

/** Parked changes that are meant, what is due first. */
export async function selectParked(deps: Dependencies, selection: ParkedSelection): Promise<StoredParkedChange[]> {
  if ('identity' in selection) {
    return deps.state.listParked({ ...selection, limit: 1 });
  }
  const { filter, code, limit } = selection;
  if (code === null) return deps.state.listParked({ ...filter, limit });
  const all = await deps.state.listParked({ ...filter, limit: LOOKED_AT_MAX });
  return all.filter(({ parked }) => parked.fault?.code === code).slice(0, limit);
}

/** Keeps who did what with parked changes, and why they waited: beside the audit of each record. */
export async function noteActs(
  { state, clock }: Dependencies,
  stored: readonly StoredParkedChange[],
  act: Pick<ParkedAct, 'verb' | 'actor' | 'why'>,
): Promise<void> {
  const atMs = clock.nowMs();
  for (const { parked } of stored) {
    const { mapId, identity, reason, change } = parked;
    const fault = parked.fault === null ? null : { code: parked.fault.code, message: parked.fault.message };
    await state.noteAct({ mapId, key: change.key ?? identity }, { ...act, reason, fault, atMs });
  }
}

/** Releases them: each is planned afresh, so that an old failure can never overwrite a newer value. */
export async function retryParked(deps: Dependencies, selection: ParkedSelection, actor: string): Promise<number> {
  const selected = await selectParked(deps, selection);
  await noteActs(deps, selected, { verb: 'retried', actor, why: null });
  const released = await releaseParked(deps, selected);
  deps.telemetry.emit({ event: 'parked.retried', count: released, actor });
  return released;
}

/** Lets deletions that wait for a person go on; other parked changes of the selection stay. */
export async function approveDeletions(deps: Dependencies, selection: ParkedSelection, actor: string): Promise<number> {
  const waiting = (await selectParked(deps, selection)).filter(({ parked }) => parked.reason === 'approval');
  await noteActs(deps, waiting, { verb: 'approved', actor, why: null });
  const approved = waiting.map(({ parked, etag }): StoredParkedChange => {
    return { parked: { ...parked, change: { ...parked.change, approved: true } }, etag };
  });
  const released = await releaseParked(deps, approved);
  deps.telemetry.emit({ event: 'deletions.approved', count: released, actor });
  return released;
}

/** Takes them out without planning them again. What is heard of their records later is planned as ever. */
export async function dismissParked(
  deps: Dependencies,
  selection: ParkedSelection,
  actor: string,
  why: string,
): Promise<number> {
  let dismissed = 0;
  for (const stored of await selectParked(deps, selection)) {
    if (!(await deps.state.removeParked(stored))) continue;
    const { mapId, identity, reason } = stored.parked;
    await noteActs(deps, [stored], { verb: 'dismissed', actor, why });
    deps.telemetry.emit({ event: 'change.dismissed', mapId, key: identity, reason, actor, why });
    dismissed += 1;
  }
  return dismissed;
}
