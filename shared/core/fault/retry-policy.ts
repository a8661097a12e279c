import { fingerprint } from '../record/fingerprint.ts';
import type { Fault } from './fault.ts';

/** Attempts within one orchestration before a change is parked. */
export const ATTEMPTS_MAX = 6;

/**
 * Rests of one orchestration, together, before what is left is parked: it holds one of few places, and what has to wait
 * longer waits outside.
 */
export const WAITED_MAX_MS = 300_000;

const FIRST_DELAY_MS = 500;
const DELAY_MAX_MS = 60_000;

/** A fault that passes by itself, so that trying again makes sense. */
export function isPassing(fault: Fault): boolean {
  return fault.class === 'throttled' || fault.class === 'transient' || fault.class === 'unknown';
}

/** The schema of a side is not what the map was made for, so that no record of it can be synchronised. */
export function isDrift(fault: Fault): boolean {
  return fault.code === 'TW106';
}

/** Of two faults the one that asks for the longer pause: a pause that one side asked for holds whatever the other says. */
export function longerPause(left: Fault | null, right: Fault): Fault {
  return left !== null && (left.retryAfterMs ?? 0) >= (right.retryAfterMs ?? 0) ? left : right;
}

/** The target read the write and will not carry it out as it is: no attempt before it was carried out either. */
export function isRefusal(fault: Fault): boolean {
  return fault.class === 'business' || fault.class === 'missing-reference' || fault.class === 'mapping';
}

/** A pause that is asked for without a time is taken for the rest after so many failures: eight seconds. */
const UNNAMED_PAUSE_ATTEMPT = 5;

/**
 * How long to wait before the next attempt: exactly what the other system asked for, else doubling from half a second
 * to a minute, spread so that not all come back at once.
 */
export function retryDelayMs(attempt: number, fault: Fault, seed: string): number {
  const { retryAfterMs = 0 } = fault;
  if (retryAfterMs > 0) return retryAfterMs;
  const made = fault.class === 'throttled' ? Math.max(UNNAMED_PAUSE_ATTEMPT, attempt) : attempt;
  const base = Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** Math.max(0, made - 1));
  return spreadMs(base, `${seed}|${attempt}`);
}

/** A rest that is longer by up to a quarter, drawn from the seed so that a replay rests as long. */
export function spreadMs(baseMs: number, seed: string): number {
  const spread = Number.parseInt(fingerprint(seed).slice(0, 4), 16) / 0xffff;
  return Math.round(baseMs * (1 + spread / 4));
}

const PARKED_FIRST_MS = 15_000;
const PARKED_MAX_MS = 3_600_000;

/** How long a parked change rests before it is released by itself: from 15 seconds to an hour. */
export function parkedDelayMs(releases: number, seed: string): number {
  return spreadMs(Math.min(PARKED_MAX_MS, PARKED_FIRST_MS * 2 ** releases), `${seed}|p${releases}`);
}
