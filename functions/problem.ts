import type { HttpResponseInit } from '@azure/functions';
import { FAULT_CODES, type FaultCode } from '../shared/core/fault/fault-codes.ts';

/** A problem as RFC 9457 has it. */
export function problem(status: number, code: FaultCode, detail: string): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title: FAULT_CODES[code], status, detail, code }),
  };
}
