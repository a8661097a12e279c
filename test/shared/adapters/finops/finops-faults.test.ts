import { expect, test } from 'vitest';
import { finopsFault } from '../../../../shared/adapters/finops/finops-faults.ts';
import type { FaultClass } from '../../../../shared/core/fault/fault.ts';
import type { FaultCode } from '../../../../shared/core/fault/fault-codes.ts';
import { isPassing } from '../../../../shared/core/fault/retry-policy.ts';

const odata = (status: number, message: string, type = 'X.Y.AxODataWriteException') => ({
  status,
  headers: {},
  text: JSON.stringify({
    error: { code: '', message: 'An error has occurred.', innererror: { message, type, stacktrace: '   at A.B()' } },
  }),
});
const route = (status: number, message: string) => ({
  status,
  headers: {},
  text: JSON.stringify({ Message: message }),
});
const infolog = (lines: string) => `Write failed for table row of type 'E'. Infolog: ${lines}.`;

const CONFLICT =
  'An update conflict occurred due to another user process deleting the record or changing one or more fields in the record.';
const NO_RESOURCE = 'No resources were found when selecting for update.';

const HTML = { headers: {}, text: '<html><body>Service Unavailable</body></html>' };

type Row = readonly [
  operation: 'read' | 'insert' | 'update' | 'delete',
  answer: { status: number; headers: object; text: string },
  class_: FaultClass,
  code: FaultCode,
];

/** Symptoms as "OData" and "Service protection" tell them, and as captured answers show them. */
const SYMPTOMS: readonly Row[] = [
  ['insert', odata(400, infolog('Info: Cannot create a record.\nThe record already exists.')), 'exists', 'TW202'],
  ['insert', odata(500, infolog('Info: Cannot create a record.\nThe record already exists..')), 'exists', 'TW202'],
  ['update', odata(400, infolog('Info: The record already exists.')), 'business', 'TW205'],
  ['update', odata(412, 'The etag does not match.'), 'stale', 'TW201'],
  ['update', odata(400, CONFLICT), 'stale', 'TW201'],
  ['update', odata(500, CONFLICT), 'stale', 'TW201'],
  ['delete', odata(400, CONFLICT), 'stale', 'TW201'],
  ['update', odata(400, NO_RESOURCE, 'X.ODataArgumentException'), 'gone', 'TW203'],
  ['delete', odata(400, NO_RESOURCE, 'X.ODataArgumentException'), 'gone', 'TW203'],
  ['update', odata(400, 'Keine Ressourcen gefunden.', 'X.ODataArgumentException'), 'gone', 'TW203'],
  ['update', odata(400, 'More than one resource was found.', 'X.ODataArgumentException'), 'business', 'TW205'],
  ['update', odata(404, 'Not found.', 'X.ODataArgumentException'), 'gone', 'TW203'],
  ['insert', odata(500, infolog('Warning: Field is mandatory')), 'business', 'TW205'],
  ['insert', odata(400, infolog('Error: The customer is blocked')), 'business', 'TW205'],
  ['insert', odata(400, infolog('Error: The value is not found in the related table')), 'business', 'TW205'],
  ['insert', odata(400, "The property 'X' does not exist on type 'Y'."), 'configuration', 'TW106'],
  ['read', odata(400, "Could not find a property named 'X' on type 'Y'."), 'configuration', 'TW106'],
  ['read', route(404, 'No HTTP resource was found that matches the request URI.'), 'configuration', 'TW106'],
  ['update', route(404, 'No HTTP resource was found that matches the request URI.'), 'configuration', 'TW106'],
  ['read', { status: 404, ...HTML }, 'configuration', 'TW109'],
  ['insert', { status: 404, ...HTML }, 'configuration', 'TW109'],
  ['read', odata(400, 'Invalid literal.'), 'configuration', 'TW109'],
  ['insert', route(429, 'high resource utilization'), 'throttled', 'TW101'],
  ['insert', route(429, 'Number of concurrent requests exceeded the limit of 52.'), 'throttled', 'TW101'],
  ['read', { status: 429, ...HTML }, 'throttled', 'TW101'],
  ['insert', odata(500, 'Object reference not set.'), 'unknown', 'TW103'],
  ['read', odata(500, 'Object reference not set.'), 'transient', 'TW102'],
  ['update', { status: 502, ...HTML }, 'unknown', 'TW103'],
  ['insert', { status: 504, ...HTML }, 'unknown', 'TW103'],
  ['insert', route(503, 'Unavailable'), 'transient', 'TW102'],
  ['insert', route(401, 'No'), 'unauthorised', 'TW104'],
  ['insert', odata(403, 'Access denied'), 'unauthorised', 'TW105'],
  ['insert', { status: 400, headers: {}, text: '{"error":{"code":"","mess' }, 'business', 'TW205'],
  ['insert', { status: 0, headers: {}, text: '' }, 'unknown', 'TW103'],
  ['read', { status: 0, headers: {}, text: '' }, 'transient', 'TW107'],
];

test.each(SYMPTOMS)('%s: %o is %s, %s', (operation, answer, faultClass, code) => {
  const given = { ...answer, headers: {} };
  const fault = finopsFault(given, { operation, what: 'the row that is meant' });
  expect(fault).toMatchObject({ class: faultClass, code });
  expect(isPassing(fault)).toBe(['throttled', 'transient', 'unknown'].includes(faultClass));
  expect(fault.message).not.toMatch(/<html|undefined/);
  expect(fault).not.toHaveProperty('retryAfterMs');
});

test.each([429, 503])('I6: a wait that comes with %i is kept', (status) => {
  const fault = finopsFault({ ...route(status, 'busy'), retryAfterMs: 3_000 }, { operation: 'insert', what: 'it' });
  expect(fault).toMatchObject({ retryAfterMs: 3_000 });
});

test('the lines of the Infolog are kept, noise and stack traces are not', () => {
  const answer = odata(
    400,
    infolog("Warning: Field 'A' must be filled in; Error: validateWrite failed on data source 'B (B)'"),
  );
  const fault = finopsFault(answer, { operation: 'insert', what: 'the insert of Es 1' });
  expect(fault.message).toBe("Finance and Operations refused the insert of Es 1: Warning: Field 'A' must be filled in");
  expect(JSON.stringify(fault)).not.toContain('A.B()');
});
