import { hash } from 'node:crypto';
import { absorb } from './absorb.ts';
import { cancelTimer, type Draft, record, recordNew } from './draft.ts';
import { EVENT, type HistoryEvent, historyEvent, type OpenTask } from './history.ts';
import { type Action, type Decision, heldBy } from './protocol.ts';
import { canceledTimers, countLeaves, scheduleAction } from './schedule.ts';
import type { InstanceMessage, InstanceRecord } from './store.ts';

/** What a turn works on. `messages` are in the order of arrival; `open` is changed by the turn. */
export interface TurnInput {
  readonly record: InstanceRecord;
  readonly historyLength: number;
  readonly open: Map<number, OpenTask>;
  readonly messages: readonly InstanceMessage[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How an execution ended with this turn. Values are JSON text. */
export type TurnEnd =
  | { readonly kind: 'completed'; readonly output: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'continued'; readonly input: string };

/** What a turn decided; nothing of it has happened yet. */
export interface TurnResult {
  readonly draft: Draft;
  readonly end: TurnEnd | null;
  readonly digests: readonly string[];
  readonly customStatus: string | null;
  /** The entities that the execution has locked, or wants to. */
  readonly held: readonly string[];
}

/** Replays the orchestrator over the history plus the given new events. */
export type Replay = (newEvents: readonly HistoryEvent[]) => Promise<Decision>;

/** Carries out one turn: takes the messages in, asks the orchestrator if its code is woken, schedules what it wants. */
export async function takeTurn(input: TurnInput, replay: Replay): Promise<TurnResult> {
  const draft = startDraft(input);
  const first = input.historyLength === 0;
  if (first) {
    const { name, version } = input.record;
    recordNew(draft, EVENT.executionStarted, { Name: name, ...(version === null ? {} : { Version: version }) });
  }
  const wakes = takeIn(draft, input.messages);
  for (const event of wakes) {
    record(draft, event);
  }
  const { digests, customStatus, held = [] } = input.record;
  if (!first && wakes.length === 0) {
    closeDraft(draft, digests.length);
    return { draft, end: null, digests, customStatus, held };
  }
  const decision = await replay(draft.events);
  return carryOut(draft, digests, decision);
}

function startDraft(input: TurnInput): Draft {
  const { instanceId, executionId, nextTaskId } = input.record;
  // A timer may be up to a millisecond early by the system clock; the SDK compares its time with the turn's.
  const due = input.messages.map((message) => {
    const task = message.kind === 'timer' ? input.open.get(message.taskId) : undefined;
    return task?.kind === 'timer' ? task.fireAt : 0;
  });
  const at = due.reduce((latest, fireAt) => Math.max(latest, fireAt), input.now);
  const draft: Draft = {
    at,
    instanceId,
    executionId,
    open: input.open,
    events: [],
    opened: [],
    canceled: [],
    letters: [],
    nextTaskId,
  };
  recordNew(draft, EVENT.turnStarted, {});
  return draft;
}

/** Records what the engine absorbs and returns the events that wake the orchestrator's code, which must come last. */
function takeIn(draft: Draft, messages: readonly InstanceMessage[]): HistoryEvent[] {
  const wakes: HistoryEvent[] = [];
  const ended = new Set<number>();
  for (const message of messages) {
    const wake = takeOne(draft, message, ended);
    if (wake !== null) {
      wakes.push(wake);
    }
  }
  return wakes;
}

function takeOne(draft: Draft, message: InstanceMessage, ended: Set<number>): HistoryEvent | null {
  if (message.kind === 'event') {
    return historyEvent(EVENT.eventRaised, draft.at, { Name: message.name, Input: message.input });
  }
  if (message.kind === 'control') {
    return null;
  }
  if (message.executionId !== draft.executionId) {
    return null;
  }
  if (message.kind === 'entity-reply') {
    return historyEvent(EVENT.eventRaised, draft.at, { Name: message.requestId, Input: message.input });
  }
  const task = draft.open.get(message.taskId);
  if (task === undefined || ended.has(message.taskId)) {
    return null;
  }
  ended.add(message.taskId);
  return absorb(draft, task, message);
}

function carryOut(draft: Draft, known: readonly string[], decision: Decision): TurnResult {
  const digests = decision.actions.map(digestOf);
  const changed = known.findIndex((digest, index) => digests[index] !== digest);
  if (changed >= 0) {
    return failedResult(draft, known, decision, changedActionReason(decision.actions[changed], changed));
  }
  const canceled = canceledTimers(decision.actions);
  let position = 0;
  decision.actions.forEach((action, index) => {
    if (index >= known.length) {
      scheduleAction(draft, action, position);
    }
    position += countLeaves(action);
  });
  for (const task of [...draft.open.values()]) {
    if (task.kind === 'timer' && task.action !== null && canceled.has(task.action)) {
      cancelTimer(draft, task.id);
    }
  }
  closeDraft(draft, digests.length);
  const { customStatus } = decision;
  return { draft, end: endOf(decision), digests, customStatus, held: heldBy(decision.actions) };
}

function failedResult(draft: Draft, digests: readonly string[], decision: Decision, reason: string): TurnResult {
  closeDraft(draft, digests.length);
  const held = heldBy(decision.actions.slice(0, digests.length));
  return { draft, end: { kind: 'failed', reason }, digests, customStatus: decision.customStatus, held };
}

function changedActionReason(action: Action | undefined, index: number): string {
  const now = action === undefined ? 'nothing' : describe(action);
  return (
    `Non-deterministic orchestrator: action ${index + 1} differs from the one recorded in an earlier turn; ` +
    `this replay asked for ${now}. Orchestrators must not depend on clocks, random numbers, environment or I/O.`
  );
}

/** Names an action for a message, without its input. */
export function describe(action: Action): string {
  return 'name' in action ? `${action.kind} '${action.name}'` : action.kind;
}

function endOf(decision: Decision): TurnEnd | null {
  if (decision.error !== null) {
    return { kind: 'failed', reason: decision.error };
  }
  if (!decision.done) {
    return null;
  }
  const again = decision.actions.find((action) => action.kind === 'continue-as-new');
  return again === undefined
    ? { kind: 'completed', output: decision.output ?? 'null' }
    : { kind: 'continued', input: again.input };
}

function closeDraft(draft: Draft, actions: number): void {
  recordNew(draft, EVENT.turnCompleted, { Host: { actions } });
}

/** A timer's cancellation is no change of the action. */
function digestOf(action: Action): string {
  const text = JSON.stringify(action, (key, value: unknown) => (key === 'canceled' ? undefined : value));
  return hash('sha1', text, 'hex').slice(0, 8);
}
