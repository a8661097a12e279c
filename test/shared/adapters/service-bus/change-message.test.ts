import { describe, expect, it } from 'vitest';
import { encodeQueueBody, parseQueueBody } from '../../../../shared/adapters/service-bus/change-message.ts';
import type { Change, FieldDecision } from '../../../../shared/core/change/change.ts';
import { aMessage } from '../../../contracts/change-queue.contract.ts';
import { aChange } from '../../../contracts/state-rows.ts';

const ROW = {
  type: 'row',
  id: 'e1',
  side: 'finops',
  table: 'CustCustomerV3Entity',
  kind: 'update',
  rowId: null,
  columns: { customeraccount: 'C1' },
  occurredAt: null,
};

describe('the body of a message', () => {
  it('is read back as it was encoded, from an object and from text', () => {
    const message = aMessage('one');
    const encoded = encodeQueueBody(message);
    expect(parseQueueBody(encoded)).toEqual({ ok: true, value: message });
    expect(parseQueueBody(JSON.stringify(encoded))).toEqual({ ok: true, value: message });
  });

  it('carries everything that a change can say', () => {
    const decision: FieldDecision = {
      conflictId: 'c1',
      field: 'name',
      seen: ['a', null],
      side: 'finops',
      value: null,
      actor: 'ada',
      atMs: 1,
    };
    const change: Required<Change> = {
      ...aChange('customers', 'usmf|c1'),
      news: { name: 'New', phone: null },
      created: true,
      approved: true,
      decisions: [decision],
      apart: true,
      lastFault: { code: 'TW103', message: 'No answer came.' },
    };
    const body = { type: 'change', change } as const;
    expect(parseQueueBody(JSON.stringify({ id: 'm', body }))).toEqual({ ok: true, value: { id: 'm', body } });
  });

  it('may have members that this version does not know', () => {
    const body = { type: 'event', event: { ...ROW, later: 1 } };
    expect(parseQueueBody({ id: 'm', body })).toEqual({
      ok: true,
      value: { id: 'm', body: { type: 'event', event: ROW } },
    });
  });

  it.each([
    ['text that is no JSON', 'hello'],
    ['nothing', undefined],
    ['no id', { body: { type: 'event', event: ROW } }],
    ['an unknown type', { id: 'm', body: { type: 'other' } }],
    ['an unknown side', { id: 'm', body: { type: 'event', event: { ...ROW, side: 'crm' } } }],
    ['a column that is no text', { id: 'm', body: { type: 'event', event: { ...ROW, columns: { a: 1 } } } }],
    ['a change without hints', { id: 'm', body: { type: 'change', change: { ...changeOf('one'), hinted: [] } } }],
    [
      'a change with half an attempt',
      { id: 'm', body: { type: 'change', change: { ...changeOf('one'), attempts: 0.5 } } },
    ],
  ])('is refused with %s, and the problem is told', (_, body) => {
    const parsed = parseQueueBody(body);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? '' : parsed.problem).toMatch(/\w/);
  });
});

function changeOf(id: string): object {
  const { body } = aMessage(id);
  return body.type === 'change' ? body.change : {};
}
