import type { HistoryEvent } from './history.ts';
import { type Decision, decodeState, decodeThrownState, encodeReplay, type ReplayRequest } from './protocol.ts';
import { describe } from './turn.ts';

/**
 * Calls an orchestrator with its trigger payload and returns the JSON of the state, or throws what the SDK throws.
 * `again` marks the second of two replays, whose logs nobody needs.
 */
export type CallOrchestrator = (payload: string, again: boolean) => Promise<string>;

type Outcome = { readonly text: string; readonly thrown: boolean };

/**
 * Replays an orchestrator twice over the same history and compares what it asked for. A difference means that its
 * code depends on something outside the history; the decision then is a failure that says so.
 */
export async function replayTwice(call: CallOrchestrator, request: ReplayRequest): Promise<Decision> {
  const payload = encodeReplay(request);
  const first = await callOnce(call, payload, false);
  const second = await callOnce(call, payload, true);
  const decision = decode(first);
  if (first.text === second.text && first.thrown === second.thrown) {
    return decision;
  }
  return { ...decision, done: true, actions: [], error: differenceReason(decision, decode(second)) };
}

async function callOnce(call: CallOrchestrator, payload: string, again: boolean): Promise<Outcome> {
  try {
    return { text: await call(payload, again), thrown: false };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), thrown: true };
  }
}

function decode(outcome: Outcome): Decision {
  if (!outcome.thrown) {
    return decodeState(outcome.text);
  }
  const thrown = decodeThrownState(outcome.text);
  return thrown ?? { done: true, actions: [], output: null, customStatus: null, error: outcome.text };
}

function differenceReason(first: Decision, second: Decision): string {
  const count = Math.max(first.actions.length, second.actions.length);
  const at = Array.from({ length: count }, (_, index) => index).find(
    (index) => JSON.stringify(first.actions[index]) !== JSON.stringify(second.actions[index]),
  );
  const what = at === undefined ? 'the result' : `action ${at + 1} (${nameAt(first, at)}, then ${nameAt(second, at)})`;
  return (
    `Non-deterministic orchestrator: two replays of the same history differ in ${what}. ` +
    'Orchestrators must not depend on clocks, random numbers, environment or I/O.'
  );
}

function nameAt(decision: Decision, index: number): string {
  const action = decision.actions[index];
  return action === undefined ? 'nothing' : describe(action);
}

/** The events as the SDK reads them: as JSON text. */
export function eventTexts(events: readonly HistoryEvent[]): string[] {
  return events.map((event) => JSON.stringify(event));
}
