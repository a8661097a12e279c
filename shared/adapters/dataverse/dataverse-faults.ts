import type { Fault, FaultClass } from '../../core/fault/fault.ts';
import type { FaultCode } from '../../core/fault/fault-codes.ts';
import { asObject, parseObject } from '../http/exact-json.ts';
import type { HttpResponse } from '../http/http-client.ts';
import { statusFault } from '../http/status-fault.ts';

interface Meaning {
  code: FaultCode;
  class: FaultClass;
}

const STALE: Meaning = { code: 'TW201', class: 'stale' };
const EXISTS: Meaning = { code: 'TW202', class: 'exists' };
const GONE: Meaning = { code: 'TW203', class: 'gone' };
const REFUSED: Meaning = { code: 'TW205', class: 'business' };
const DENIED: Meaning = { code: 'TW105', class: 'unauthorised' };
const DRIFT: Meaning = { code: 'TW106', class: 'configuration' };
const NOT_TAKEN: Meaning = { code: 'TW109', class: 'configuration' };
const PASSING: Meaning = { code: 'TW102', class: 'transient' };
const THROTTLED: Meaning = { code: 'TW101', class: 'throttled' };

/** "Web service error codes": those that decide how a change goes on. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '0x80060882': STALE,
  '0x80060892': EXISTS,
  '0x80040237': EXISTS,
  '0x80040217': GONE,
  '0x80060891': GONE,
  '0x80040333': REFUSED,
  '0x80040265': REFUSED,
  '0x80040227': REFUSED,
  '0x80044331': REFUSED,
  '0x8004431a': REFUSED,
  '0x80073002': REFUSED,
  '0x80040220': DENIED,
  '0x80048306': DENIED,
  '0x80060883': NOT_TAKEN,
  '0x8006088d': NOT_TAKEN,
  '0x8006088a': DRIFT,
  '0x80060888': DRIFT,
  '0x80048d19': DRIFT,
  '0x80044352': { code: 'TW110', class: 'stale' },
  // A deadlock or a time-out in the database rolls the request back.
  '0x80044150': PASSING,
  '0x80044151': PASSING,
  '0x80072322': THROTTLED,
  '0x80072321': THROTTLED,
  '0x80072326': THROTTLED,
};

export interface FaultContext {
  writes: boolean;
  /** What was asked for, for a person. */
  what: string;
}

const MESSAGE_LENGTH = 600;

/** The code and message of an error answer; the code is empty on some old errors. */
export function errorOf(answer: HttpResponse): { code: string; message: string } {
  const error = asObject(parseObject(answer.text)['error']);
  const message = typeof error['message'] === 'string' ? error['message'] : `status ${answer.status}`;
  return { code: String(error['code'] ?? '').toLowerCase(), message: message.slice(0, MESSAGE_LENGTH) };
}

/** The fault of an answer that is no success ("Compose HTTP requests and handle errors"): by code, then by status. */
export function dataverseFault(answer: HttpResponse, context: FaultContext): Fault {
  const { code, message } = errorOf(answer);
  const detail = `status ${answer.status}${code === '' ? '' : ` code ${code}`}`;
  const text = `Dataverse refused ${context.what}: ${message}`;
  const wait = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
  const meaning = MEANINGS[code];
  if (meaning !== undefined) {
    // What a read cannot find is no row, but something of the schema.
    return { ...(meaning === GONE && !context.writes ? DRIFT : meaning), message: text, detail, ...wait };
  }
  if (answer.status === 0) return unanswered(context);
  const { status, retryAfterMs } = answer;
  const byStatus = statusFault({
    system: 'Dataverse',
    status,
    message: `${context.what}: ${message}`,
    detail,
    retryAfterMs,
    writes: context.writes,
  });
  return byStatus ?? { ...fourHundred(status, context.writes), message: text, detail };
}

function fourHundred(status: number, writes: boolean): Meaning {
  if (status === 412) return STALE;
  if (!writes) return NOT_TAKEN;
  return status === 404 ? GONE : REFUSED;
}

function unanswered(context: FaultContext): Fault {
  const message = `The answer of Dataverse leaves out ${context.what}.`;
  return context.writes ? { code: 'TW103', class: 'unknown', message } : { code: 'TW107', class: 'transient', message };
}
