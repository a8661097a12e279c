import { type Fault, failure, type Result } from '../../core/fault/fault.ts';
import type { Side } from '../../core/record/side.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SideBlocks } from '../../ports/side-blocks.ts';
import { createConcurrencyGate, type GateLimits } from './concurrency-gate.ts';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { createOutageDetector } from './outage-detector.ts';

export interface ConsiderateOptions {
  side: Side;
  blocks: SideBlocks;
  clock: Clock;
  limits?: GateLimits;
  /** The side counts as gone from now on. */
  onOutage: () => Promise<void>;
}

/** Dataverse takes 52 requests at once from a user and a web server ("Service protection API limits"). */
const LIMITS: GateLimits = { first: 4, max: 32 };

/**
 * A client that sends nothing while the side is gone, tells when it goes, and keeps the pauses a side asks for, whoever
 * was told: while one lasts, nothing is sent, and the rest of it is the answer. It also never sends more at once than
 * the side bears. Faults: as the client's, `throttled` and `offline`.
 */
export function createConsiderateClient(client: HttpClient, options: ConsiderateOptions): HttpClient {
  const { side, blocks, clock, limits = LIMITS } = options;
  const gate = createConcurrencyGate(limits);
  const outages = createOutageDetector();
  return {
    counts: () => client.counts(),
    async send(request) {
      await gate.enter();
      let answer: Result<HttpResponse> | null = null;
      try {
        const leftMs = (await blocks.blockedUntil(side)) - clock.nowMs();
        if (leftMs > 0) return failure(stillBlocked(side, leftMs));
        if ((await blocks.standing(side)).standing === 'offline') return failure(gone(side));
        answer = await client.send(request);
        if (outages.note(answer, clock.nowMs())) await options.onOutage();
        const pauseMs = pauseIn(answer);
        if (pauseMs > 0) await blocks.block(side, clock.nowMs() + pauseMs);
        return answer;
      } finally {
        gate.leave(answer === null ? 'not-sent' : isThrottled(answer) ? 'throttled' : 'answered', hintIn(answer));
      }
    },
  };
}

function isThrottled(answer: Result<HttpResponse> | null): boolean {
  return answer?.ok === true && (answer.value.status === 429 || answer.value.status === 503);
}

function pauseIn(answer: Result<HttpResponse>): number {
  return answer.ok && isThrottled(answer) ? (answer.value.retryAfterMs ?? 0) : 0;
}

function hintIn(answer: Result<HttpResponse> | null): number | undefined {
  const hint = answer?.ok === true ? Number(answer.value.headers['x-ms-dop-hint']) : Number.NaN;
  return Number.isInteger(hint) ? hint : undefined;
}

function gone(side: Side): Fault {
  const message = `${side} is gone: it has not answered for a while. Nothing was sent; the change waits until it is back.`;
  return { code: 'TW108', class: 'offline', message };
}

function stillBlocked(side: Side, leftMs: number): Fault {
  const message = `${side} asked for a pause, of which ${Math.ceil(leftMs / 1000)} s are left. Nothing was sent.`;
  return { code: 'TW101', class: 'throttled', message, retryAfterMs: leftMs };
}
