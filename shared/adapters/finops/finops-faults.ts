import type { Fault } from '../../core/fault/fault.ts';
import { asObject, parseObject } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import { statusFault } from '../http/status-fault.ts';

export interface FaultContext {
  operation: 'read' | 'insert' | 'update' | 'delete';
  /** What was asked for, for a person. */
  what: string;
}

interface FinopsError {
  /** The innermost message as it came. */
  message: string;
  /** Lines of the Infolog without noise; empty where the message has none. */
  infolog: readonly string[];
  /** Name of the exception's type, without its namespace. */
  type: string;
  /** The address leads to no service: told outside OData, in a shape of its own. */
  routeless: boolean;
}

const MESSAGE_LENGTH = 600;

/** Says that validation failed, next to the line that says why. */
const NOISE = /^(?:Info|Warning|Error): (?:validateWrite|validateField|validateDelete|write) failed on data source/i;

/**
 * The reason of an error answer. The outer message is always the same; the reason stands in `innererror`, for refused
 * writes as Infolog lines in the user's language. Stack traces are never taken over.
 */
function errorOf(answer: HttpResponse): FinopsError {
  const body = parseObject(answer.text);
  const error = asObject(body['error']);
  const inner = asObject(error['innererror']);
  const internal = asObject(inner['internalexception']);
  const message = firstText(inner['message'], internal['message'], error['message'], body['Message']);
  const start = message.indexOf('Infolog:');
  const lines = start < 0 ? [] : message.slice(start + 'Infolog:'.length).split(';');
  const infolog = lines
    .map((line) => line.trim().replace(/\.\.$/, '.'))
    .filter((line) => line !== '' && !NOISE.test(line));
  const type = firstText(inner['type']).split('.').at(-1) ?? '';
  const routeless = answer.status === 404 && typeof body['Message'] === 'string';
  return { message: message === '' ? `status ${answer.status}` : message, infolog, type, routeless };
}

function firstText(...candidates: unknown[]): string {
  return candidates.find((text): text is string => typeof text === 'string' && text !== '') ?? '';
}

const EXISTS = /the record already exists/i;
const CONFLICT = /update conflict occurred/i;
const UNKNOWN_NAME = /The property '[^']*' does not exist on type|Could not find a property named/;
const WRONG_KEY = /More than one resource was found|keys provided for lookup/;
const NO_RESOURCE = /No resources were found when selecting for update/;

/** The fault of an answer that is no success. F&O has no error codes: what a message means decides, then the status. */
export function finopsFault(answer: HttpResponse, context: FaultContext): Fault {
  if (answer.status === 0) return unanswered(context);
  const error = errorOf(answer);
  const reason = (error.infolog.length > 0 ? error.infolog.join(' ') : error.message).slice(0, MESSAGE_LENGTH);
  const detail = `status ${answer.status}${error.type === '' ? '' : ` ${error.type}`}`;
  const message = `Finance and Operations refused ${context.what}: ${reason}`;
  const meaning = meaningOf(answer.status, error, context);
  if (meaning !== null) return { ...meaning, message, detail };
  const { status, retryAfterMs } = answer;
  const byStatus = statusFault({
    system: 'Finance and Operations',
    status,
    message: `${context.what}: ${reason}`,
    detail,
    retryAfterMs,
    writes: context.operation !== 'read',
  });
  return byStatus ?? { ...fourHundred(status, context), message, detail };
}

type Meaning = Pick<Fault, 'code' | 'class'>;

const STALE: Meaning = { code: 'TW201', class: 'stale' };
const GONE: Meaning = { code: 'TW203', class: 'gone' };
const REFUSED: Meaning = { code: 'TW205', class: 'business' };
const DRIFT: Meaning = { code: 'TW106', class: 'configuration' };
const NOT_TAKEN: Meaning = { code: 'TW109', class: 'configuration' };

function meaningOf(status: number, error: FinopsError, { operation }: FaultContext): Meaning | null {
  if (status === 412 || CONFLICT.test(error.message)) return STALE;
  if (UNKNOWN_NAME.test(error.message) || error.routeless) return DRIFT;
  if (EXISTS.test(error.message) && operation === 'insert') return { code: 'TW202', class: 'exists' };
  if (isMissingRow(status, error) && (operation === 'update' || operation === 'delete')) return GONE;
  // Older builds answer 500 to a refused write; the Infolog tells that it was refused, not broken off.
  return error.infolog.length > 0 && operation !== 'read' ? REFUSED : null;
}

/** An update or delete of a row that is not there is a 400 of its own kind, not a 404. */
function isMissingRow(status: number, error: FinopsError): boolean {
  if (NO_RESOURCE.test(error.message)) return true;
  if (status === 404) return error.type !== '';
  return status === 400 && error.type === 'ODataArgumentException' && !WRONG_KEY.test(error.message);
}

/** A 404 that is no OData error comes from something before the service; a 400 to a read is a literal that does not fit. */
function fourHundred(status: number, { operation }: FaultContext): Meaning {
  return operation === 'read' || status === 404 || status === 405 ? NOT_TAKEN : REFUSED;
}

function unanswered({ operation, what }: FaultContext): Fault {
  const message = `The answer of Finance and Operations leaves out ${what}.`;
  return operation === 'read'
    ? { code: 'TW107', class: 'transient', message }
    : { code: 'TW103', class: 'unknown', message };
}
