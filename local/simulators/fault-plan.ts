import type { SimResponse } from './exchange.ts';

/** The two simulated systems. */
export type Side = 'dataverse' | 'finops';

const requestKinds = ['throttle-429', 'unavailable-503', 'slow', 'offline', 'commit-then-timeout'] as const;
const webhookKinds = ['lost-webhook', 'duplicate-webhook'] as const;

/** Faults of requests to a side, and of the events it sends. */
type FaultKind = (typeof requestKinds)[number] | (typeof webhookKinds)[number];

/** One fault in force. */
interface Fault {
  kind: FaultKind;
  /** Share of the requests or events it strikes, 0 to 1. */
  probability: number;
  /** Wait of `slow`, and before the connection breaks in `commit-then-timeout`. */
  delayMs: number;
  /** How often it still strikes; null for no end. */
  count: number | null;
}

/** The faults of both sides. */
export interface FaultPlan {
  /** Puts a fault in force, in place of an earlier one of its kind; `off` ends all of the side. */
  set(body: unknown): void;
  list(): Record<Side, Fault[]>;
  /** The faults that strike this request. */
  strikeRequest(side: Side, method: string): RequestFaults;
  /** Whether a fault of this kind strikes this event; a side that is offline sends none either. */
  strikeWebhook(side: Side, kind: (typeof webhookKinds)[number] | 'offline'): boolean;
}

/** What happens to one request. */
interface RequestFaults {
  offline: boolean;
  delayMs: number;
  /** An answer to give instead of calling the simulator. */
  refusal: SimResponse | undefined;
  /** Wait before the connection breaks after the write was committed; undefined when it does not break. */
  breakAfterMs: number | undefined;
}

/** An empty plan; `random` decides who is struck. */
export function createFaultPlan(random: () => number): FaultPlan {
  const faults: Record<Side, Map<FaultKind, Fault>> = { dataverse: new Map(), finops: new Map() };
  /** 429 answers in a row: who pushes on waits longer. */
  const refusals: Record<Side, number> = { dataverse: 0, finops: 0 };

  const strikes = (side: Side, kind: FaultKind): Fault | undefined => {
    const fault = faults[side].get(kind);
    if (fault === undefined || random() >= fault.probability) return undefined;
    if (fault.count !== null) {
      fault.count -= 1;
      if (fault.count <= 0) faults[side].delete(kind);
    }
    return fault;
  };
  const refusalOf = (side: Side): SimResponse | undefined => {
    if (strikes(side, 'throttle-429') !== undefined) {
      refusals[side] += 1;
      return throttled(side, refusals[side]);
    }
    refusals[side] = 0;
    return strikes(side, 'unavailable-503') === undefined ? undefined : unavailable();
  };

  return {
    set: (body) => {
      const { side, fault } = readFault(body);
      if (fault === undefined) faults[side].clear();
      else faults[side].set(fault.kind, fault);
    },
    list: () => ({ dataverse: [...faults.dataverse.values()], finops: [...faults.finops.values()] }),
    strikeRequest: (side, method) => {
      const offline = strikes(side, 'offline') !== undefined;
      const refusal = offline ? undefined : refusalOf(side);
      const writes = method !== 'GET' && refusal === undefined && !offline;
      return {
        offline,
        delayMs: strikes(side, 'slow')?.delayMs ?? 0,
        refusal,
        breakAfterMs: writes ? strikes(side, 'commit-then-timeout')?.delayMs : undefined,
      };
    },
    strikeWebhook: (side, kind) => strikes(side, kind) !== undefined,
  };
}

function readFault(body: unknown): { side: Side; fault: Fault | undefined } {
  const { side, kind, probability = 1, delayMs = 0, count = null } = (body ?? {}) as Record<string, unknown>;
  if (side !== 'dataverse' && side !== 'finops') throw new Error("side must be 'dataverse' or 'finops'");
  if (kind === 'off') return { side, fault: undefined };
  const known = [...requestKinds, ...webhookKinds].find((name) => name === kind);
  if (known === undefined)
    throw new Error(`kind must be off or one of ${[...requestKinds, ...webhookKinds].join(', ')}`);
  if (typeof probability !== 'number' || probability < 0 || probability > 1)
    throw new Error('probability must be 0 to 1');
  if (typeof delayMs !== 'number' || delayMs < 0) throw new Error('delayMs must not be negative');
  if (count !== null && (typeof count !== 'number' || count < 1)) throw new Error('count must be 1 or more');
  return { side, fault: { kind: known, probability, delayMs, count } };
}

function throttled(side: Side, inARow: number): SimResponse {
  const code = side === 'dataverse' ? '0x80072322' : '';
  return {
    status: 429,
    headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': String(Math.min(inARow, 30)) },
    body: JSON.stringify({ error: { code, message: 'Number of requests exceeded the limit over the time window.' } }),
  };
}

function unavailable(): SimResponse {
  return {
    status: 503,
    headers: { 'content-type': 'text/html' },
    body: '<html><body><h1>Service Unavailable</h1></body></html>',
  };
}
