import { describe, expect, it } from 'vitest';
import { createConcurrencyGate } from '../../../../shared/adapters/http/concurrency-gate.ts';
import { createConsiderateClient } from '../../../../shared/adapters/http/considerate-client.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../../shared/adapters/http/http-client.ts';
import { createMemorySideBlocks } from '../../../../shared/adapters/memory/memory-side-blocks.ts';
import { success } from '../../../../shared/core/fault/fault.ts';
import { NOW } from '../../../contracts/state-rows.ts';

const REQUEST: HttpRequest = { method: 'PATCH', url: 'http://side/row', writes: true };

/** Two clients of one side over the same blocks, and a server that answers as it is told. */
function scene() {
  let nowMs = NOW;
  let answer: Partial<HttpResponse> = {};
  const sent: HttpRequest[] = [];
  const inner: HttpClient = {
    counts: () => ({}),
    send: async (request) => {
      sent.push(request);
      return success({ status: 200, headers: {}, text: '', ...answer });
    },
  };
  const blocks = createMemorySideBlocks();
  const clock = { nowMs: () => nowMs };
  const clientOf = (side: 'finops' | 'dataverse') =>
    createConsiderateClient(inner, {
      side,
      blocks,
      clock,
      onOutage: () => blocks.declare(side, { standing: 'offline', sinceMs: nowMs }),
    });
  return {
    sent,
    blocks,
    client: clientOf('dataverse'),
    another: clientOf('dataverse'),
    ofOtherSide: clientOf('finops'),
    answer: (given: Partial<HttpResponse>) => {
      answer = given;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('a considerate client', () => {
  it.each([429, 503])(
    'I6: after a %i with Retry-After nobody calls the side until the pause is over',
    async (status) => {
      const { client, another, ofOtherSide, answer, pass, sent } = scene();
      answer({ status, retryAfterMs: 7_000 });
      expect(await client.send(REQUEST)).toMatchObject({ ok: true, value: { status } });
      answer({});
      pass(2_000);
      expect(await another.send(REQUEST)).toMatchObject({
        ok: false,
        fault: { code: 'TW101', class: 'throttled', retryAfterMs: 5_000 },
      });
      expect(await ofOtherSide.send(REQUEST)).toMatchObject({ ok: true });
      expect(sent).toHaveLength(2);
      pass(5_000);
      expect(await another.send(REQUEST)).toMatchObject({ ok: true });
    },
  );

  it('R23: sends nothing to a side that has not answered for ten seconds, until it is said to be back', async () => {
    const { client, another, ofOtherSide, blocks, answer, pass, sent } = scene();
    answer({ status: 503 });
    for (let call = 0; call < 8; call += 1) {
      expect(await client.send(REQUEST)).toMatchObject({ ok: true, value: { status: 503 } });
      pass(2_000);
    }
    answer({});
    expect(await client.send(REQUEST)).toMatchObject({ ok: false, fault: { code: 'TW108', class: 'offline' } });
    expect(await another.send(REQUEST)).toMatchObject({ ok: false, fault: { class: 'offline' } });
    expect(sent).toHaveLength(8);
    expect(await ofOtherSide.send(REQUEST)).toMatchObject({ ok: true });
    await blocks.declare('dataverse', { standing: 'recovering', sinceMs: NOW });
    expect(await another.send(REQUEST)).toMatchObject({ ok: true });
  });

  it('is not blocked by other refusals, or by a throttling that names no time', async () => {
    const { client, answer, sent } = scene();
    for (const given of [{ status: 429 }, { status: 412, retryAfterMs: 5_000 }, { status: 500 }]) {
      answer(given);
      await client.send(REQUEST);
    }
    expect(sent).toHaveLength(3);
  });
});

describe('the gate', () => {
  const full = async (gate: ReturnType<typeof createConcurrencyGate>): Promise<number> => {
    let running = 0;
    for (let index = 0; index < 100; index += 1) void gate.enter().then(() => (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    return running;
  };

  it('starts low and lets more run with each round of answers, up to what the side recommends', async () => {
    const gate = createConcurrencyGate({ first: 4, max: 32 });
    expect(await full(gate)).toBe(4);
    for (let index = 0; index < 40; index += 1) gate.leave('answered', undefined);
    expect(gate.limit()).toBeGreaterThan(6);
    for (let index = 0; index < 40; index += 1) gate.leave('answered', 5);
    expect(gate.limit()).toBe(5);
  });

  it('halves when the side asks for a pause, and never closes', async () => {
    const gate = createConcurrencyGate({ first: 4, max: 32 });
    gate.leave('throttled', undefined);
    expect(gate.limit()).toBe(2);
    for (let index = 0; index < 5; index += 1) gate.leave('throttled', undefined);
    expect(gate.limit()).toBe(1);
    gate.leave('not-sent', undefined);
    expect(gate.limit()).toBe(1);
  });
});
