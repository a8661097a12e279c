import { describe, expect, it, test } from 'vitest';
import { dataverseFault } from '../../../../shared/adapters/dataverse/dataverse-faults.ts';
import type { FaultClass } from '../../../../shared/core/fault/fault.ts';
import type { FaultCode } from '../../../../shared/core/fault/fault-codes.ts';
import { isPassing } from '../../../../shared/core/fault/retry-policy.ts';

const answer = (status: number, code: string, message = 'Because.') => ({
  status,
  headers: {},
  text: JSON.stringify({ error: { code, message } }),
});
const write = { writes: true, what: 'the update of account usmf|1' };
const read = { writes: false, what: 'a read of account' };

type Row = readonly [status: number, code: string, name: string, class_: FaultClass, ours: FaultCode];

/** "Web service error codes", and what a write makes of them; a code decides under whatever status it comes. */
const BY_CODE: readonly Row[] = [
  [404, '0x80040217', 'ObjectDoesNotExist', 'gone', 'TW203'],
  [404, '0x80060891', 'RecordNotFoundByEntityKey', 'gone', 'TW203'],
  [412, '0x80040237', 'DuplicateRecord', 'exists', 'TW202'],
  [400, '0x80040237', 'DuplicateRecord', 'exists', 'TW202'],
  [412, '0x80060892', 'DuplicateRecordEntityKey', 'exists', 'TW202'],
  [412, '0x80040333', 'DuplicateRecordsFound', 'business', 'TW205'],
  [412, '0x80060882', 'ConcurrencyVersionMismatch', 'stale', 'TW201'],
  [400, '0x80060883', 'OptimisticConcurrencyNotEnabled', 'configuration', 'TW109'],
  [400, '0x8006088d', 'ConcurrencyVersionNotProvided', 'configuration', 'TW109'],
  [400, '0x80073002', 'unique index violated', 'business', 'TW205'],
  [400, '0x80044331', 'text too long', 'business', 'TW205'],
  [400, '0x8004431A', 'choice value out of range', 'business', 'TW205'],
  [400, '0x80040265', 'a plug-in threw', 'business', 'TW205'],
  [500, '0x80040265', 'a plug-in threw', 'business', 'TW205'],
  [405, '0x80040227', 'not supported for the table', 'business', 'TW205'],
  [403, '0x80040220', 'PrivilegeDenied', 'unauthorised', 'TW105'],
  [403, '0x80048306', 'no access to the row', 'unauthorised', 'TW105'],
  [400, '0x80044150', 'SQL error, a deadlock', 'transient', 'TW102'],
  [500, '0x80044150', 'SQL error, a deadlock', 'transient', 'TW102'],
  [500, '0x80044151', 'SQL time-out', 'transient', 'TW102'],
  [400, '0x80044352', 'ExpiredVersionStamp', 'stale', 'TW110'],
  [400, '0x80060888', 'no such property', 'configuration', 'TW106'],
  [404, '0x8006088a', 'no such segment', 'configuration', 'TW106'],
  [400, '0x80048d19', 'payload with an unknown property', 'configuration', 'TW106'],
  [429, '0x80072322', 'too many requests', 'throttled', 'TW101'],
  [429, '0x80072321', 'too much execution time', 'throttled', 'TW101'],
  [429, '0x80072326', 'too many at once', 'throttled', 'TW101'],
  [503, '0x80072326', 'too many at once', 'throttled', 'TW101'],
];

/** Without a code the status decides, whatever the message says. */
const BY_STATUS: readonly Row[] = [
  [400, '', 'a record with matching key values already exists', 'business', 'TW205'],
  [401, '', 'the token has expired', 'unauthorised', 'TW104'],
  [403, '', 'forbidden', 'unauthorised', 'TW105'],
  [404, '', 'not found', 'gone', 'TW203'],
  [405, '', 'not allowed', 'business', 'TW205'],
  [408, '', 'took too long', 'unknown', 'TW103'],
  [412, '', 'precondition failed', 'stale', 'TW201'],
  [413, '', 'too large', 'business', 'TW205'],
  [429, '', 'slow down', 'throttled', 'TW101'],
  [500, '', 'generic error', 'unknown', 'TW103'],
  [502, '', 'bad gateway', 'unknown', 'TW103'],
  [503, '', 'unavailable', 'transient', 'TW102'],
  [504, '', 'gateway time-out', 'unknown', 'TW103'],
  [0, '', 'left out of the batch answer', 'unknown', 'TW103'],
];

const PASSING: readonly FaultClass[] = ['throttled', 'transient', 'unknown'];

describe('what Dataverse answers to a write', () => {
  it.each([...BY_CODE, ...BY_STATUS])('%i %s (%s) is %s, %s', (status, code, name, faultClass, ours) => {
    const fault = dataverseFault(answer(status, code, name), write);
    expect(fault).toMatchObject({ class: faultClass, code: ours });
    expect(isPassing(fault)).toBe(PASSING.includes(faultClass));
    expect(fault).not.toHaveProperty('retryAfterMs');
  });

  it.each(BY_CODE)('%i %s (%s) is told by its code, not by words that say something else', (status, code, _, cls) => {
    expect(dataverseFault(answer(status, code, 'A record already exists; too many requests.'), write).class).toBe(cls);
  });

  it.each([
    [429, '0x80072322'],
    [429, ''],
    [503, ''],
  ])('I6: a wait that comes with %i %s is kept', (status, code) => {
    const fault = dataverseFault({ ...answer(status, code), retryAfterMs: 3_000 }, write);
    expect(fault).toMatchObject({ retryAfterMs: 3_000 });
  });

  it.each([
    [400, 'business'],
    [404, 'gone'],
    [429, 'throttled'],
    [502, 'unknown'],
    [503, 'transient'],
  ])('a page or a body cut short with %i is told by the status', (status, faultClass) => {
    const page = '<html><head><title>Gateway</title></head></html>';
    for (const text of [page, '{"error":{"code":"0x80040', '', 'null', '[]', '{"error":"no"}']) {
      const fault = dataverseFault({ status, headers: {}, text }, write);
      expect(fault, text).toMatchObject({ class: faultClass, detail: `status ${status}` });
      expect(fault.message, text).not.toContain('<html');
    }
  });
});

test.each([
  [400, '0x80060888', 'configuration', 'TW106'],
  [404, '0x80040217', 'configuration', 'TW106'],
  [400, '', 'configuration', 'TW109'],
  [404, '', 'configuration', 'TW109'],
  [302, '', 'configuration', 'TW109'],
  [400, '0x80044352', 'stale', 'TW110'],
  [200, '', 'transient', 'TW107'],
  [500, '', 'transient', 'TW102'],
  [504, '', 'transient', 'TW102'],
  [0, '', 'transient', 'TW107'],
  [429, '', 'throttled', 'TW101'],
])('a read answered %i %s is %s, %s', (status, code, faultClass, ours) => {
  expect(dataverseFault(answer(status, code), read)).toMatchObject({ class: faultClass, code: ours });
});

test('a fault tells what was asked, why it was refused, the code and the wait', () => {
  expect(dataverseFault({ ...answer(429, '0x80072322', 'Too many.'), retryAfterMs: 3_000 }, write)).toEqual({
    code: 'TW101',
    class: 'throttled',
    message: 'Dataverse refused the update of account usmf|1: Too many.',
    detail: 'status 429 code 0x80072322',
    retryAfterMs: 3_000,
  });
});
