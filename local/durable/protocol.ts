import { z } from 'zod';
import type { HttpCall, RetryOptions } from './history.ts';
import { entityIdOf } from './store.ts';

/**
 * The JSON that durable-functions 3.x exchanges with its host for an orchestrator, and nothing else of it:
 * a later major version replaces this file. Facts: the package's `DurableOrchestrationBindingInfo`,
 * `OrchestratorState` and `actions/`.
 */

/** Timers further away than this are cut into hops. */
export const MAXIMUM_TIMER_MS = 6 * 24 * 3_600_000;
/** Length of one hop. */
export const TIMER_HOP_MS = 3 * 24 * 3_600_000;
/** Pause between two polls of `callHttp` when the answer names none. */
export const HTTP_POLL_MS = 30_000;

const SCHEMA_V2 = 1;
const SCHEMA_V4 = 3;
const OUT_OF_PROC_LABEL = '\n\n$OutOfProcData$:';

/** What an orchestrator asked for, in the order in which it asked. Inputs are JSON text. */
export type Action =
  | { readonly kind: 'activity'; readonly name: string; readonly input: string; readonly retry: RetryOptions | null }
  | {
      readonly kind: 'child';
      readonly name: string;
      readonly input: string;
      readonly instanceId: string | null;
      readonly retry: RetryOptions | null;
    }
  | { readonly kind: 'continue-as-new'; readonly input: string }
  | { readonly kind: 'timer'; readonly fireAt: number; readonly canceled: boolean }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'call-entity'; readonly entityId: string; readonly operation: string; readonly input: string }
  | { readonly kind: 'signal-entity'; readonly entityId: string; readonly operation: string; readonly input: string }
  | { readonly kind: 'lock'; readonly requestId: string; readonly lockSet: readonly string[] }
  | { readonly kind: 'release'; readonly lockSet: readonly string[] }
  | { readonly kind: 'http'; readonly request: HttpCall }
  | { readonly kind: 'any' | 'all'; readonly actions: readonly Action[] };

/** Result of one replay. `error` is set when the orchestrator threw. */
export interface Decision {
  readonly done: boolean;
  readonly actions: readonly Action[];
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly error: string | null;
}

/** What goes into a replay besides the history. `input` is JSON text. */
export interface ReplayRequest {
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
  readonly input: string;
  /** Events in order, each as JSON text. */
  readonly history: readonly string[];
}

/** The orchestration trigger's payload as JSON text. */
export function encodeReplay(request: ReplayRequest): string {
  const rest = JSON.stringify({
    instanceId: request.instanceId,
    isReplaying: false,
    parentInstanceId: request.parentInstanceId ?? undefined,
    upperSchemaVersion: SCHEMA_V2,
    upperSchemaVersionNew: SCHEMA_V4,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: HTTP_POLL_MS,
  });
  return `{"history":[${request.history.join(',')}],"input":${request.input},${rest.slice(1)}`;
}

const retrySchema = z.object({
  firstRetryIntervalInMilliseconds: z.number(),
  maxNumberOfAttempts: z.number(),
  backoffCoefficient: z.number().optional(),
  maxRetryIntervalInMilliseconds: z.number().optional(),
  retryTimeoutInMilliseconds: z.number().optional(),
});

const stateSchema = z.object({
  isDone: z.boolean(),
  actions: z.array(z.array(z.unknown())),
  output: z.unknown().optional(),
  error: z.string().optional(),
  customStatus: z.unknown().optional(),
});

const actionSchema = z.looseObject({
  actionType: z.number(),
  functionName: z.string().optional(),
  instanceId: z.string().nullish(),
  input: z.unknown().optional(),
  retryOptions: retrySchema.optional(),
  fireAt: z.string().optional(),
  isCanceled: z.boolean().optional(),
  externalEventName: z.string().optional(),
  operation: z.string().optional(),
  httpRequest: z
    .object({
      method: z.string(),
      uri: z.string(),
      content: z.string().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      asynchronousPatternEnabled: z.boolean().optional(),
    })
    .optional(),
  lockRequestId: z.string().optional(),
  lockSet: z.array(z.object({ name: z.string(), key: z.string() })).optional(),
  compoundActions: z.array(z.unknown()).optional(),
});

type WireAction = z.infer<typeof actionSchema>;

const jsonText = (value: unknown): string => JSON.stringify(value) ?? 'null';

/** The SDK quotes string inputs of activities and of continueAsNew before it puts them into the action. */
const quotedInput = (value: unknown): string => (typeof value === 'string' ? value : jsonText(value));

const readAction: Record<number, (wire: WireAction) => Action> = {
  0: (wire) => ({ kind: 'activity', name: wire.functionName ?? '', input: quotedInput(wire.input), retry: null }),
  1: (wire) => ({ ...readActivity(wire), retry: wire.retryOptions ?? null }),
  2: (wire) => readChild(wire, null),
  3: (wire) => readChild(wire, wire.retryOptions ?? null),
  4: (wire) => ({ kind: 'continue-as-new', input: quotedInput(wire.input) }),
  5: (wire) => ({ kind: 'timer', fireAt: Date.parse(wire.fireAt ?? ''), canceled: wire.isCanceled === true }),
  6: (wire) => ({ kind: 'event', name: wire.externalEventName ?? '' }),
  7: (wire) => ({ kind: 'call-entity', ...readEntityOperation(wire) }),
  8: (wire) => ({ kind: 'http', request: wire.httpRequest ?? { method: 'GET', uri: '' } }),
  9: (wire) => ({ kind: 'signal-entity', ...readEntityOperation(wire) }),
  11: (wire) => ({ kind: 'any', actions: (wire.compoundActions ?? []).map(decodeAction) }),
  12: (wire) => ({ kind: 'all', actions: (wire.compoundActions ?? []).map(decodeAction) }),
  13: (wire) => ({
    kind: 'lock',
    requestId: wire.lockRequestId ?? '',
    lockSet: (wire.lockSet ?? []).map(({ name, key }) => entityIdOf(name, key)),
  }),
  14: () => ({ kind: 'release', lockSet: [] }),
};

function readActivity(wire: WireAction): { kind: 'activity'; name: string; input: string } {
  return { kind: 'activity', name: wire.functionName ?? '', input: quotedInput(wire.input) };
}

function readChild(wire: WireAction, retry: RetryOptions | null): Action {
  const { functionName: name = '', instanceId } = wire;
  return { kind: 'child', name, input: jsonText(wire.input), instanceId: instanceId ? instanceId : null, retry };
}

function readEntityOperation(wire: WireAction): { entityId: string; operation: string; input: string } {
  return { entityId: wire.instanceId ?? '', operation: wire.operation ?? '', input: jsonText(wire.input) };
}

function decodeAction(value: unknown): Action {
  const wire = actionSchema.parse(value);
  const read = readAction[wire.actionType];
  if (read === undefined) {
    throw new Error(`The orchestrator asked for an action of type ${wire.actionType}, which this host does not offer.`);
  }
  return read(wire);
}

/** A release names nothing: it is of the lock before it, since the SDK allows one at a time. */
function withLockSets(actions: readonly Action[]): Action[] {
  let held: readonly string[] = [];
  return actions.map((action) => {
    if (action.kind === 'lock') held = action.lockSet;
    return action.kind === 'release' ? { ...action, lockSet: held } : action;
  });
}

/** The entities that an orchestrator with these actions has locked, or wants to, and has not let go. */
export function heldBy(actions: readonly Action[]): readonly string[] {
  const last = actions.findLast(({ kind }) => kind === 'lock' || kind === 'release');
  return last?.kind === 'lock' ? last.lockSet : [];
}

/** Reads what a replay returned. Throws when it is no state of durable-functions 3.x. */
export function decodeState(json: string): Decision {
  const state = stateSchema.parse(JSON.parse(json));
  return {
    done: state.isDone,
    actions: withLockSets(state.actions.flat().map(decodeAction)),
    output: state.output === undefined ? null : jsonText(state.output),
    customStatus: state.customStatus === undefined ? null : jsonText(state.customStatus),
    error: state.error ?? null,
  };
}

/**
 * Reads the error a failed replay threw: the SDK appends the state to its message. Null when the error comes from
 * elsewhere. An orchestrator that threw an empty message yields an empty `error`.
 */
export function decodeThrownState(message: string): Decision | null {
  const at = message.indexOf(OUT_OF_PROC_LABEL);
  if (at < 0) {
    return null;
  }
  const decision = decodeState(message.slice(at + OUT_OF_PROC_LABEL.length));
  return { ...decision, done: true, error: decision.error ?? '' };
}

const WAIT_FOR_EVENT = 6;

/**
 * Names the actions that stand more than once in a state as the SDK returned it, before it becomes JSON: those tasks
 * were passed to a second `Task.any` or `Task.all`. Waiting twice for an event is harmless.
 */
export function reusedActions(state: unknown): string[] {
  const seen = new Set<object>();
  const reused = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    const action = value as { actionType?: number; functionName?: string; compoundActions?: unknown };
    if (typeof value !== 'object' || value === null || action.actionType === WAIT_FOR_EVENT) {
      return;
    }
    if (seen.has(value)) {
      reused.add(action.functionName ?? `action type ${action.actionType}`);
    }
    seen.add(value);
    visit(action.compoundActions ?? []);
  };
  visit((state as { actions?: unknown } | null | undefined)?.actions ?? []);
  return [...reused];
}
