import fc from 'fast-check';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import { receiveDeferred, receiveNext } from '../../../local/broker/delivery.ts';
import type { Message } from '../../../local/broker/mailbox.ts';
import { openQueue, type Queue, sendMessages } from '../../../local/broker/queue.ts';
import { readQueueSettings } from '../../../local/broker/settings.ts';
import { settle } from '../../../local/broker/settlement.ts';
import { openStore } from '../../../local/broker/store.ts';
import { sweep } from '../../../local/broker/sweep.ts';
import { readArrived } from '../../../local/broker/wire-message.ts';

const settings = readQueueSettings({
  queues: [
    {
      name: 'work',
      lockDurationSeconds: 10,
      maxDeliveryCount: 3,
      defaultTimeToLiveSeconds: 60,
      deadLetteringOnExpiration: true,
      requiresDuplicateDetection: true,
      duplicateDetectionWindowSeconds: 20,
    },
  ],
})[0]!;

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('send' as const), id: fc.nat(30), later: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('receive' as const), dead: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('settle' as const),
      which: fc.nat(5),
      how: fc.constantFrom('complete' as const, 'abandon' as const, 'defer' as const, 'dead-letter' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('receive-deferred' as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), seconds: fc.nat(15) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Everything of a message that must be on disk. */
const picture = (queue: Queue): Omit<Message, 'lock'>[] =>
  [...queue.main.messages.values(), ...queue.deadLetter.messages.values()]
    .map(({ lock: _lock, ...rest }) => rest)
    .sort((left, right) => left.sequence - right.sequence);

function perform(queue: Queue, clock: { ms: number }, tokens: { token: string; dead: boolean }[], one: Step): number {
  const mailbox = 'dead' in one && one.dead ? queue.deadLetter : queue.main;
  if (one.type === 'send') {
    const scheduled = { 'x-opt-scheduled-enqueue-time': new Date(clock.ms + 5000) };
    const bytes = rhea.message.encode({
      message_id: `m${one.id}`,
      body: one.id,
      message_annotations: one.later ? scheduled : {},
    });
    const sequences = sendMessages(queue, [readArrived(bytes, () => 'none')]);
    return Array.isArray(sequences) && sequences[0] !== 0 ? 1 : 0;
  }
  if (one.type === 'receive') {
    const token = receiveNext(queue, mailbox, '', 'peek-lock')?.token;
    if (typeof token === 'string') tokens.push({ token, dead: one.dead });
  } else if (one.type === 'receive-deferred') {
    const deferred = [...queue.main.messages.values()].filter((message) => message.state === 'deferred')[one.which];
    const handedOut =
      deferred === undefined ? [] : receiveDeferred(queue, queue.main, [deferred.sequence], 'peek-lock');
    if (Array.isArray(handedOut)) for (const { token } of handedOut) tokens.push({ token: token ?? '', dead: false });
  } else if (one.type === 'settle') {
    const [held] = tokens.splice(one.which, 1);
    if (held === undefined) return 0;
    const how =
      one.how === 'complete' ? ({ type: 'complete' } as const) : { type: one.how, properties: { by: 'test' } };
    const fault = settle(queue, held.dead ? queue.deadLetter : queue.main, held.token, how);
    return one.how === 'complete' && fault === undefined ? -1 : 0;
  } else {
    clock.ms += one.seconds * 1000;
    sweep(queue);
  }
  return 0;
}

test('no message is lost or doubled by any order of operations, and the stored state is always the state in memory', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const clock = { ms: 1_000_000 };
      const store = openStore(undefined);
      try {
        const queue = openQueue(settings, store, () => clock.ms);
        const tokens: { token: string; dead: boolean }[] = [];
        let expected = 0;
        for (const one of steps) {
          expected += perform(queue, clock, tokens, one);
          expect(queue.main.messages.size + queue.deadLetter.messages.size).toBe(expected);
        }
        const reopened = openQueue(settings, store, () => clock.ms);
        expect(picture(reopened)).toEqual(picture(queue));
        expect(reopened.nextSequence).toBe(queue.nextSequence);
        const ids = Array.from({ length: 31 }, (_, id) => `m${id}`);
        const seen = (one: Queue): boolean[] => ids.map((id) => one.duplicates!.has(id, clock.ms));
        expect(seen(reopened)).toEqual(seen(queue));
      } finally {
        store.close();
      }
    }),
    { numRuns: 150 },
  );
});

test('after enough time every message that was held is ready again or dead-lettered, none stays locked', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = { ms: 1_000_000 };
      const store = openStore(undefined);
      try {
        const queue = openQueue(settings, store, () => clock.ms);
        for (const one of steps) perform(queue, clock, [], one);
        clock.ms += 200_000;
        for (let round = 0; round < 5; round++) sweep(queue);
        expect(queue.main.locks.size + queue.deadLetter.locks.size).toBe(0);
        clock.ms += 200_000;
        sweep(queue);
        expect([...queue.main.messages.values()].every((message) => message.state === 'deferred')).toBe(true);
      } finally {
        store.close();
      }
    }),
    { numRuns: 50 },
  );
});
