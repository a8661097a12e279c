import type { SimResponse } from '../exchange.ts';

type FaultBody = 'odata' | 'route';

interface FaultDetail {
  status: number;
  body: FaultBody;
  /** Exception type in `innererror`; empty for route faults. */
  type: string;
  headers: Record<string, string>;
}

/** An answer other than success, thrown from any depth and turned into a response in one place. */
export interface FinopsFault extends Error {
  finops: FaultDetail;
}

const services = 'Microsoft.Dynamics.Platform.Integration.Services.OData';

function raise(message: string, detail: Partial<FaultDetail> & { status: number }): FinopsFault {
  const finops: FaultDetail = { body: 'odata', type: '', headers: {}, ...detail };
  return Object.assign(new Error(message), { finops });
}

export function isFinopsFault(error: unknown): error is FinopsFault {
  return error instanceof Error && 'finops' in error;
}

/** A write the business logic refused: the reasons are Infolog lines, "Info: …", "Warning: …" or "Error: …". */
export function writeFault(aotName: string, infolog: readonly string[], status: number): FinopsFault {
  const message = `Write failed for table row of type '${aotName}'. Infolog: ${infolog.join('; ')}.`;
  return raise(message, { status, type: `${services}.AxODataWriteException` });
}

/** A request whose key or shape fits nothing: partial keys, unknown rows on PATCH and DELETE. */
export function argumentFault(message: string): FinopsFault {
  return raise(message, { status: 400, type: `${services}.ODataArgumentException` });
}

/** A body or query that the OData library refuses before any X++ runs. */
export function odataFault(message: string): FinopsFault {
  return raise(message, { status: 400, type: 'Microsoft.OData.ODataException' });
}

/** The text that F&O gives for PATCH, PUT and DELETE of a row it cannot see. */
export function noResourcesFault(): FinopsFault {
  return argumentFault('No resources were found when selecting for update.');
}

export function rowNotFoundFault(setName: string): FinopsFault {
  return raise(`No resource was found in ${setName} for the given key.`, {
    status: 404,
    type: `${services}.ODataArgumentException`,
  });
}

/** A path no route fits; has the shape of the web framework, not of OData. */
export function routeFault(uri: string): FinopsFault {
  return raise(`No HTTP resource was found that matches the request URI '${uri}'.`, { status: 404, body: 'route' });
}

export function methodFault(method: string): FinopsFault {
  return raise(`The requested resource does not support http method '${method}'.`, { status: 405, body: 'route' });
}

export function accessFault(message: string): FinopsFault {
  return raise(message, { status: 403, type: `${services}.AxODataAccessDeniedException` });
}

/** A stale etag, or the clash of two writers, in the wording the switch asks for. */
export function conflictFault(status: 412 | 400 | 500): FinopsFault {
  const message =
    status === 412
      ? 'The etag of the request does not match the current state of the resource.'
      : 'An update conflict occurred due to another user process deleting the record or changing one or more fields in the record.';
  return raise(message, { status, type: `${services}.AxODataWriteException` });
}

/** Resource based throttling, "Service protection API limits": the wait is in whole seconds. */
export function overloadFault(retryAfterSeconds: number | null): FinopsFault {
  return raise(
    'This request could not be processed at this time due to system experiencing high resource utilization.',
    {
      status: 429,
      body: 'route',
      headers: retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) },
    },
  );
}

/** The wire form of a fault; the outer message is always generic and the reason stands in `innererror`. */
export function faultResponse(fault: FinopsFault): SimResponse {
  const { status, body, type, headers } = fault.finops;
  const stacktrace = `   at ${services}.Update.UpdateProcessor.Process(...)`;
  const content =
    body === 'route'
      ? { Message: fault.message }
      : {
          error: {
            code: '',
            message: 'An error has occurred.',
            innererror: { message: fault.message, type, stacktrace },
          },
        };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(content),
  };
}
