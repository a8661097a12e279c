import { expect, test } from 'vitest';
import { dataverseFault } from '../../../../shared/adapters/dataverse/dataverse-faults.ts';

const answer = (status: number, code: string, message = 'Because.') => ({
  status,
  headers: {},
  text: JSON.stringify({ error: { code, message } }),
});
const write = { writes: true, what: 'the update of account usmf|1' };
const read = { writes: false, what: 'a read of account' };

test.each([
  [412, '0x80060882', 'stale', 'TW201'],
  [412, '0x80060892', 'exists', 'TW202'],
  [412, '0x80040237', 'exists', 'TW202'],
  [400, '0x80040237', 'exists', 'TW202'],
  [404, '0x80040217', 'gone', 'TW203'],
  [404, '0x80060891', 'gone', 'TW203'],
  [400, '0x80040265', 'business', 'TW205'],
  [500, '0x80040265', 'business', 'TW205'],
  [400, '0x80044331', 'business', 'TW205'],
  [400, '0x8004431A', 'business', 'TW205'],
  [405, '0x80040227', 'business', 'TW205'],
  [412, '0x80040333', 'business', 'TW205'],
  [400, '0x80060883', 'configuration', 'TW106'],
  [400, '0x80060888', 'configuration', 'TW106'],
  [400, '0x80048d19', 'configuration', 'TW106'],
  [403, '0x80040220', 'unauthorised', 'TW105'],
  [429, '0x80072322', 'throttled', 'TW101'],
  [500, '0x80044150', 'transient', 'TW102'],
  [412, '', 'stale', 'TW201'],
  [404, '', 'gone', 'TW203'],
  [400, '', 'business', 'TW205'],
  [401, '', 'unauthorised', 'TW104'],
  [403, '', 'unauthorised', 'TW105'],
  [429, '', 'throttled', 'TW101'],
  [500, '', 'unknown', 'TW103'],
  [502, '', 'unknown', 'TW103'],
  [503, '', 'transient', 'TW102'],
  [504, '', 'unknown', 'TW103'],
  [0, '', 'unknown', 'TW103'],
])('a write answered %i %s is %s', (status, code, faultClass, faultCode) => {
  expect(dataverseFault(answer(status, code), write)).toMatchObject({ class: faultClass, code: faultCode });
});

test.each([
  [400, '0x80060888', 'configuration'],
  [404, '0x80040217', 'configuration'],
  [404, '', 'configuration'],
  [500, '', 'transient'],
  [504, '', 'transient'],
  [0, '', 'transient'],
  [429, '', 'throttled'],
])('a read answered %i %s is %s', (status, code, faultClass) => {
  expect(dataverseFault(answer(status, code), read).class).toBe(faultClass);
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

test('an error page instead of an error is told by its status', () => {
  const page = { status: 502, headers: {}, text: '<html>Bad Gateway</html>' };
  expect(dataverseFault(page, write)).toMatchObject({ class: 'unknown', detail: 'status 502' });
});
