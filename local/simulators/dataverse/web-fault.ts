import type { SimResponse } from '../exchange.ts';

/** A refusal of the Web API: status, error code and message of the answer. */
export interface WebFault extends Error {
  status: number;
  code: string;
  headers: Record<string, string>;
}

/** Codes that need no further explanation than their name in "Web service error codes". */
export const faultCodes = {
  badRequest: '0x80060888',
  payload: '0x80048d19',
  invalidArgument: '0x80040203',
  notFoundSegment: '0x8006088a',
  objectDoesNotExist: '0x80040217',
  recordNotFoundByKey: '0x80060891',
  duplicateRecord: '0x80040237',
  duplicateKey: '0x80060892',
  concurrencyVersionMismatch: '0x80060882',
  optimisticConcurrencyNotEnabled: '0x80060883',
  textTooLong: '0x80044331',
  outOfRange: '0x8004431a',
  integerOutOfRange: '0x8004432f',
  decimalOutOfRange: '0x80044330',
  invalidStateOrStatus: '0x80048408',
  associated: '0x80040227',
  pluginAborted: '0x80040265',
  privilege: '0x80040220',
  expiredVersionStamp: '0x80044352',
  requestLimit: '0x80072322',
  timeLimit: '0x80072321',
  concurrencyLimit: '0x80072326',
} as const;

/** An error to throw; the entry point turns it into an answer. */
export function webFault(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): WebFault {
  return Object.assign(new Error(message), { status, code, headers });
}

/** True for errors made by `webFault`. */
export function isWebFault(error: unknown): error is WebFault {
  return error instanceof Error && 'status' in error && 'code' in error && 'headers' in error;
}

/** A 400 for a property, option or address that the service cannot read. */
export function badRequest(message: string): WebFault {
  return webFault(400, faultCodes.badRequest, message);
}

/** A 400 for a body that does not fit the table, worded as the service words it. */
export function badPayload(entitySet: string, detail: string): WebFault {
  return webFault(
    400,
    faultCodes.payload,
    `Error identified in Payload provided by the user for Entity :'${entitySet}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : ${detail}`,
  );
}

/** The JSON error answer of "Compose HTTP requests and handle errors". */
export function faultResponse(fault: WebFault): SimResponse {
  return {
    status: fault.status,
    headers: { 'content-type': 'application/json; odata.metadata=minimal', ...fault.headers },
    body: JSON.stringify({ error: { code: fault.code, message: fault.message } }),
  };
}
