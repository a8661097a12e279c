import type { Fault } from '../core/fault/fault.ts';
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
  await deps.state.park(parked);
  for (const { mapId, identity, reason, fault } of parked) {
    deps.telemetry.emit({ event: 'change.parked', mapId, key: identity, reason, code: fault?.code ?? null });
  }
  return { kind: 'parked' };
}
