import { describe, expect, it } from 'vitest';
import type { ChangeQueue, QueueMessage } from '../../shared/ports/change-queue.ts';
import { aChange } from './state-rows.ts';

/** A message about a record, as large as told. */
export function aMessage(id: string, chars = 0): QueueMessage {
  return { id, body: { type: 'change', change: aChange('customers', `usmf|${id}|${'x'.repeat(chars)}`) } };
}

const EVENTS: QueueMessage[] = [
  {
    id: 'row-1',
    body: {
      type: 'event',
      event: {
        type: 'row',
        id: 'row-1',
        side: 'dataverse',
        table: 'account',
        kind: 'delete',
        rowId: 'b5c7f0a4-0000-4000-8000-000000000001',
        columns: {},
        occurredAt: '2026-01-01T00:00:00Z',
      },
    },
  },
  {
    id: 'business-1',
    body: {
      type: 'event',
      event: {
        type: 'business',
        id: 'business-1',
        businessEventId: 'CustomerChanged',
        company: null,
        members: { AccountNumber: 'č-1' },
        occurredAt: null,
      },
    },
  },
];

/** What every queue of changes keeps; `open` gives an empty queue and a way to take out what waits. */
export function changeQueueContract(
  name: string,
  open: () => Promise<{ queue: ChangeQueue; take: () => Promise<QueueMessage[]> }>,
): void {
  describe(`${name} as a queue of changes`, () => {
    it('delivers events and changes as they were sent, in order', async () => {
      const { queue, take } = await open();
      const sent = [...EVENTS, aMessage('one')];
      await queue.send(sent);
      expect(await take()).toEqual(sent);
      expect(await take()).toEqual([]);
    });

    it('delivers an id once, within a call and across calls, also after it was taken', async () => {
      const { queue, take } = await open();
      await queue.send([aMessage('one'), aMessage('one'), aMessage('two')]);
      await queue.send([aMessage('two')]);
      expect((await take()).map(({ id }) => id)).toEqual(['one', 'two']);
      await queue.send([aMessage('one'), aMessage('three')]);
      expect((await take()).map(({ id }) => id)).toEqual(['three']);
    });

    it('takes more than one batch holds', async () => {
      const { queue, take } = await open();
      const sent = Array.from({ length: 30 }, (_, index) => aMessage(`large-${index}`, 100_000));
      await queue.send(sent);
      expect((await take()).map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    });

    it('takes nothing', async () => {
      const { queue, take } = await open();
      await queue.send([]);
      expect(await take()).toEqual([]);
    });
  });
}
