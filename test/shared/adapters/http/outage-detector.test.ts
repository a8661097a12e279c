import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../../shared/adapters/http/http-client.ts';
import { createOutageDetector } from '../../../../shared/adapters/http/outage-detector.ts';
import { failure, type Result, success } from '../../../../shared/core/fault/fault.ts';

const answered = (status: number, more: Partial<HttpResponse> = {}): Result<HttpResponse> =>
  success({ status, headers: {}, text: '', ...more });
const silence: Result<HttpResponse> = failure({ code: 'TW102', class: 'transient', message: 'no answer' });

/** Whether so many calls, so far apart, are an outage in the end. */
function outage(answers: readonly Result<HttpResponse>[], apartMs: number): boolean {
  const detector = createOutageDetector();
  return answers.map((answer, index) => detector.note(answer, index * apartMs)).at(-1) ?? false;
}

const times = (count: number, answer: Result<HttpResponse>) => Array.from({ length: count }, () => answer);

describe('an outage', () => {
  it('R23: is silence, or a gateway that speaks for the system, call after call over some time', () => {
    expect(outage(times(9, silence), 2_000)).toBe(true);
    expect(outage(times(9, answered(503)), 2_000)).toBe(true);
    expect(outage(times(9, answered(504)), 2_000)).toBe(true);
  });

  it('R23: is no burst of failures within a moment, and not a few of them', () => {
    expect(outage(times(50, silence), 100)).toBe(false);
    expect(outage(times(5, silence), 10_000)).toBe(false);
  });

  it('R23: is over with any answer of the system itself', () => {
    expect(outage([...times(7, silence), answered(404), ...times(7, silence)], 2_000)).toBe(false);
    expect(outage([...times(7, silence), answered(500), ...times(7, silence)], 2_000)).toBe(false);
  });

  it('R23: is neither a request for a pause nor a token that cannot be had', () => {
    expect(outage(times(20, answered(503, { retryAfterMs: 1_000 })), 2_000)).toBe(false);
    expect(outage(times(20, answered(429)), 2_000)).toBe(false);
    const refused: Result<HttpResponse> = failure({ code: 'TW104', class: 'unauthorised', message: 'no token' });
    expect(outage(times(20, refused), 2_000)).toBe(false);
  });
});
