import type { Random } from './random.ts';

/**
 * What can go wrong in one history, as probabilities: of an event, of a call, of an item of a write, of a step. Drawn
 * anew for each seed, often zero, sometimes extreme.
 */
export interface FaultRates {
  dropEvent: number;
  duplicateEvent: number;
  /** Comes up to a minute late. */
  delayEvent: number;
  /** With this event another one comes again that is as old as the history. */
  staleEvent: number;
  /** Our own write's event comes although its tag says that it is ours. */
  echo: number;
  failBefore: number;
  throttle: number;
  /** The call times out and nothing was done. */
  timeoutBefore: number;
  /** The call times out and all was done. */
  unknownAfter: number;
  /** The call times out, and what it asked for is done later. */
  lateCommit: number;
  /** One row of a write fails for itself. */
  partial: number;
  /** The sign-in has run out. */
  expired: number;
  /** A row of a write is refused for what it holds. */
  refuse: number;
  plugin: number;
  kill: number;
  /** A process stands still before it goes on. */
  stall: number;
  pause: number;
  /** A side is not there for minutes. */
  outage: number;
  /** A person decides a conflict, or undoes a decision: no fault, but it comes in between like one. */
  decide: number;
}

export type FaultName = keyof FaultRates;

/** The share of seeds without this fault, and the highest rate of the others. */
const BOUNDS: Readonly<Record<FaultName, readonly [none: number, max: number]>> = {
  dropEvent: [0.6, 0.15],
  duplicateEvent: [0.4, 0.3],
  delayEvent: [0.5, 0.3],
  staleEvent: [0.5, 0.1],
  echo: [0.5, 1],
  failBefore: [0.4, 0.1],
  throttle: [0.4, 0.1],
  timeoutBefore: [0.6, 0.08],
  unknownAfter: [0.4, 0.12],
  lateCommit: [0.5, 0.08],
  partial: [0.5, 0.1],
  expired: [0.7, 0.03],
  refuse: [0.8, 0.1],
  plugin: [0.7, 1],
  kill: [0.5, 0.02],
  stall: [0.6, 0.03],
  pause: [0.7, 0.01],
  outage: [0.8, 0.003],
  decide: [0.5, 0.02],
};

export const FAULT_NAMES = Object.keys(BOUNDS) as FaultName[];

/** Most rates a fifth of their highest, as on a bad day; one seed in ten has one fault that strikes all the time. */
export function drawRates(random: Random, without: ReadonlySet<string>): FaultRates {
  const calm = random.chance(0.05);
  const extreme = random.chance(0.1) ? random.pick(FAULT_NAMES) : null;
  const rates = {} as FaultRates;
  for (const name of FAULT_NAMES) {
    const [none, max] = BOUNDS[name];
    const drawn = random.chance(none) ? 0 : random.next() * max;
    const rate = name === extreme ? Math.min(0.9, max * (name === 'kill' ? 2 : 4)) : drawn;
    rates[name] = calm || without.has(name) ? 0 : rate;
  }
  return rates;
}

/** The faults end. What a plug-in does goes on: it is no fault, but how that system works. */
export function endFaults(rates: FaultRates): void {
  for (const name of FAULT_NAMES) if (name !== 'plugin') rates[name] = 0;
}
