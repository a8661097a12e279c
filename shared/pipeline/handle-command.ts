import type { Fault } from '../core/fault/fault.ts';
import type { ParkedChange, RecordCommit } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';
import { parkedChange } from './park.ts';
import { planChanges } from './plan-changes.ts';
import { recordChanges } from './record-changes.ts';
import type { SyncAnswer, SyncCommand } from './sync-changes.ts';
import { writeChanges } from './write-changes.ts';

/** Commands with an effect; waiting is the driver's. */
export type EffectCommand = Exclude<SyncCommand, { kind: 'wait' }>;

type Handlers = {
  [Kind in EffectCommand['kind']]: (
    deps: Dependencies,
    command: Extract<EffectCommand, { kind: Kind }>,
  ) => Promise<SyncAnswer>;
};

/** One handler for each command: the compiler refuses a missing one. Each may run more than once. */
const HANDLERS: Handlers = {
  plan: planChanges,
  write: writeChanges,
  record: recordChanges,
  park: parkChanges,
};

/** Carries out a command of `syncChanges`. Throws only for failing infrastructure; the driver runs it again. */
export function handleCommand(deps: Dependencies, command: EffectCommand): Promise<SyncAnswer> {
  const handler = HANDLERS[command.kind] as (deps: Dependencies, command: EffectCommand) => Promise<SyncAnswer>;
  return handler(deps, command);
}

async function parkChanges(deps: Dependencies, command: Extract<EffectCommand, { kind: 'park' }>): Promise<SyncAnswer> {
  const parked = command.changes.map((change) => {
    const last = change.lastFault === undefined ? '' : ` (${change.lastFault.code}: ${change.lastFault.message})`;
    const message = `Attempts for ${change.key ?? 'a row'} are used up${last}; it is tried again later.`;
    const fault: Fault = { code: 'TW208', class: 'transient', message };
    const parked = parkedChange(deps, change, 'attempts-exhausted', fault);
    return { ...parked, dueAtMs: Math.max(parked.dueAtMs ?? 0, deps.clock.nowMs() + (command.restMs ?? 0)) };
  });
  await parkBesideLinks(deps, command.mapId, parked);
  for (const { mapId, identity, reason, fault } of parked) {
    deps.telemetry.emit({ event: 'change.parked', mapId, key: identity, reason, code: fault?.code ?? null });
  }
  return { kind: 'parked' };
}

/** Named by its link, what is parked is closed by itself when a newer change of its record succeeds. */
async function parkBesideLinks(deps: Dependencies, mapId: string, parked: readonly ParkedChange[]): Promise<void> {
  const links = await deps.state.loadLinks(
    mapId,
    parked.flatMap(({ change }) => change.key ?? []),
    new Map(),
  );
  const commits = parked.flatMap((park): RecordCommit[] => {
    const { key } = park.change;
    const stored = key === null ? undefined : links.get(key);
    // The claim of another batch is under the etag that it saved.
    if (key === null || stored === undefined || stored.link.claim !== null) return [];
    const link = { ...stored.link, parked: park.id };
    return [{ mapId, key, link, etag: stored.etag, audit: [], conflicts: [], park, unpark: null }];
  });
  const outcomes = await deps.state.commit(commits);
  const saved = new Set(commits.filter((_, index) => outcomes[index]?.kind === 'saved').map(({ park }) => park));
  await deps.state.park(parked.filter((park) => !saved.has(park)));
}
