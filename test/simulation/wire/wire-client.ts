import type { SimRequest, SimResponse, Simulator } from '../../../local/simulators/exchange.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../shared/adapters/http/http-client.ts';
import { type Fault, failure, type Result, success } from '../../../shared/core/fault/fault.ts';
import type { Side } from '../../../shared/core/record/side.ts';
import type { FaultRates } from '../fault-rates.ts';
import type { Outages } from '../outages.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

export interface WireOptions {
  side: Side;
  simulator: Simulator;
  scheduler: Scheduler;
  random: Random;
  rates: FaultRates;
  outages: Outages;
  /** A request that was given up is carried out now. */
  onLate(request: HttpRequest): void;
}

const LATE_MS = 40_000;
const PAUSE_MAX_S = 20;

/** Where both systems are to be found: any address will do, because nothing leaves the process. */
export const ORIGIN = 'https://wire.invalid';

/**
 * What stands in for the network between the real adapters and the simulators: each request waits for its step, and may
 * be lost before or after it was carried out, come late, or be refused by what stands before the system.
 */
export function createWireClient({
  side,
  simulator,
  scheduler,
  random,
  rates,
  outages,
  onLate,
}: WireOptions): HttpClient {
  const carryOut = async (request: HttpRequest): Promise<Result<HttpResponse>> =>
    success(responseOf(await simulator.handle(requestOf(request))));
  return {
    counts: () => ({}),
    async send(request) {
      await scheduler.step(`${request.method} ${side}`);
      if (scheduler.nowMs > (request.notAfterMs ?? Number.POSITIVE_INFINITY)) return failure(late(request));
      if (!outages.isThere(side) || random.chance(rates.failBefore)) return success(answer(503, '', {}));
      if (random.chance(rates.throttle)) {
        return success(answer(429, throttled(side), { 'retry-after': String(1 + random.below(PAUSE_MAX_S)) }));
      }
      if (random.chance(rates.expired)) return failure({ code: 'TW104', class: 'unauthorised', message: 'expired' });
      if (random.chance(rates.timeoutBefore)) return failure(unanswered(request));
      if (random.chance(rates.lateCommit)) {
        scheduler.at(scheduler.nowMs + 1 + random.below(LATE_MS), () => {
          onLate(request);
          void carryOut(request);
        });
        return failure(unanswered(request));
      }
      const answered = await carryOut(request);
      return random.chance(rates.unknownAfter) ? failure(unanswered(request)) : answered;
    },
  };
}

function requestOf({ method, url, headers = {}, body = '' }: HttpRequest): SimRequest {
  const { pathname, search, searchParams, host } = new URL(url);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const query = new URLSearchParams(searchParams);
  return {
    method,
    path: pathname,
    query,
    rawQuery: search.slice(1),
    headers: { host, ...lower },
    body: Buffer.from(body),
  };
}

function responseOf({ status, headers, body }: SimResponse): HttpResponse {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return answer(status, typeof body === 'string' ? body : body.toString('utf8'), lower);
}

function answer(status: number, text: string, headers: Record<string, string>): HttpResponse {
  const seconds = headers['retry-after'];
  return { status, headers, text, ...(seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1_000 }) };
}

function throttled(side: Side): string {
  const code = side === 'dataverse' ? '0x80072322' : '';
  return JSON.stringify({ error: { code, message: 'Too many requests.' } });
}

/** As the client over the network tells it: a write may have been carried out, a read has not happened. */
function unanswered({ writes, method }: HttpRequest): Fault {
  return writes
    ? { code: 'TW103', class: 'unknown', message: `${method} got no answer.` }
    : { code: 'TW102', class: 'transient', message: `${method} got no answer.` };
}

function late({ method }: HttpRequest): Fault {
  return { code: 'TW102', class: 'transient', message: `${method} was not sent: too little time was left for it.` };
}
