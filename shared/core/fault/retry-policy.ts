import { fingerprint } from '../record/fingerprint.ts';
import type { Fault } from './fault.ts';

/** Attempts within one orchestration before a change is parked. */
export const ATTEMPTS_MAX = 6;

const FIRST_DELAY_MS = 500;
const DELAY_MAX_MS = 60_000;

/** A fault that passes by itself, so that trying again makes sense. */
export function isPassing(fault: Fault): boolean {
  return fault.class === 'throttled' || fault.class === 'transient' || fault.class === 'unknown';
}

/** Of two faults the one that asks for the longer pause: a pause that one side asked for holds whatever the other says. */
export function longerPause(left: Fault | null, right: Fault): Fault {
  return left !== null && (left.retryAfterMs ?? 0) >= (right.retryAfterMs ?? 0) ? left : right;
}

/** The target read the write and will not carry it out as it is: no attempt before it was carried out either. */
export function isRefusal(fault: Fault): boolean {
  return fault.class === 'business' || fault.class === 'missing-reference' || fault.class === 'mapping';
}

/**
 * How long to wait before the next attempt: what the other system asked for, else doubling from half a second to a
 * minute; spread by up to a quarter, drawn from the seed so that a replay waits as long.
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, seed: string): number {
  const base = retryAfterMs ?? Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempt - 1));
  const spread = Number.parseInt(fingerprint(`${seed}|${attempt}`).slice(0, 4), 16) / 0xffff;
  return Math.round(base * (1 + spread / 4));
}

const PARKED_FIRST_MS = 15_000;
const PARKED_MAX_MS = 3_600_000;

/** How long a parked change rests before it is released by itself: from 15 seconds to an hour. */
export function parkedDelayMs(releases: number, seed: string): number {
  const spread = Number.parseInt(fingerprint(`${seed}|p${releases}`).slice(0, 4), 16) / 0xffff;
  return Math.round(Math.min(PARKED_MAX_MS, PARKED_FIRST_MS * 2 ** releases) * (1 + spread / 4));
}
