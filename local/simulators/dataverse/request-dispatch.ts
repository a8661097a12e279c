import type { SimRequest, SimResponse } from '../exchange.ts';
import { runBatch } from './batch-request.ts';
import type { Engine, EntityRequest } from './engine.ts';
import { readEntity } from './entity-reads.ts';
import { methodNotAllowed, patchRow, postRow, putColumn, removeRow } from './entity-writes.ts';
import { organization } from './execution-context.ts';
import { jsonResponse } from './json-response.ts';
import { isMetadataAddress, readMetadata } from './metadata-requests.ts';
import { isMultipleMessage, runMultiple } from './multiple-messages.ts';
import { requestContext, type ServiceAddress } from './request-context.ts';
import { parseAddress, unknownSegment } from './row-address.ts';
import { randomGuid } from './stored-value.ts';
import { badRequest, webFault } from './web-fault.ts';
import { substituteReference } from './write-body.ts';

/** What dispatching needs beside the request. */
export interface DispatchScope {
  engine: Engine;
  random: () => number;
  now: () => number;
}

/** Answers one HTTP request; throws Web API faults. */
export function dispatch(scope: DispatchScope, request: SimRequest, address: ServiceAddress): SimResponse {
  const source = { random: scope.random, now: scope.now() };
  const context = requestContext(request.headers, request.query, address.root, source);
  refuseLongAddress(`${request.path}?${request.rawQuery}`, 32 * 1024);
  const relative = address.relative(request.path);
  if (relative === '$batch') {
    if (request.method !== 'POST') throw webFault(405, '', '$batch does not support this method.');
    return runBatch({
      contentType: request.headers['content-type'],
      body: request.body.toString('utf8'),
      continueOnError: context.preferences.continueOnError,
      transact: scope.engine.transact,
      newBoundary: () => randomGuid(scope.random),
      handle: (part, references) => {
        const url = substituteReference(references, part.url);
        refuseLongAddress(url, 64 * 1024);
        const query = new URLSearchParams(url.split('?').slice(1).join('?'));
        const headers = { ...inherited(request.headers), ...part.headers };
        return dispatchOne(scope.engine, {
          method: part.method,
          address: address.relative(url),
          query,
          headers,
          body: Buffer.from(part.body, 'utf8'),
          context: requestContext(headers, query, address.root, source),
          references,
          relative: address.relative,
        });
      },
    });
  }
  return dispatchOne(scope.engine, {
    method: request.method,
    address: relative,
    query: request.query,
    headers: request.headers,
    body: request.body,
    context,
    references: new Map(),
    relative: address.relative,
  });
}

/** Headers of the batch that hold for its parts; conditions and preferences belong to each part alone. */
function inherited(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['x-sim-user', 'mscrmcallerid', 'callerobjectid', 'user-agent', 'x-ms-correlation-request-id']) {
    const value = headers[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** "Compose HTTP requests and handle errors": 32 KB for an address, 64 KB inside a batch. */
function refuseLongAddress(text: string, limit: number): void {
  if (text.length > limit) throw webFault(414, '', `The address is longer than ${limit} characters.`);
}

function dispatchOne(engine: Engine, request: EntityRequest): SimResponse {
  if ('callerobjectid' in request.headers)
    throw webFault(501, '', 'CallerObjectId is not simulated; use MSCRMCallerID.');
  if (/^WhoAmI(\(\))?$/.test(request.address)) return whoAmI(request);
  if (isMetadataAddress(request.address)) {
    if (request.method !== 'GET') throw webFault(501, '', 'Changes of table definitions are not simulated.');
    return readMetadata(engine.schema, { ...request, serviceRoot: request.context.serviceRoot });
  }
  if (request.address === '' || request.address === '$metadata') {
    throw webFault(501, '', 'The service document and the CSDL are not simulated; read EntityDefinitions.');
  }
  if (request.query.has('fetchXml')) throw webFault(501, '', 'FetchXML is not simulated.');
  return dispatchEntity(engine, request);
}

function dispatchEntity(engine: Engine, request: EntityRequest): SimResponse {
  const address = parseAddress(engine.schema, request.address);
  const [segment] = address.rest;
  if (address.rest.length > 1) throw unknownSegment(address.rest.join('/'));
  switch (request.method) {
    case 'GET':
      return readEntity(engine, request, address);
    case 'POST':
      if (address.key !== undefined) throw methodNotAllowed(request);
      if (segment === undefined) return postRow(engine, request, address.table);
      if (isMultipleMessage(segment)) return runMultiple(engine, request, address.table, segment);
      throw unknownSegment(segment);
    case 'PATCH':
      return patchRow(engine, request, address);
    case 'PUT':
      return putColumn(engine, request, address);
    case 'DELETE':
      return removeRow(engine, request, address);
    default:
      throw methodNotAllowed(request);
  }
}

function whoAmI(request: EntityRequest): SimResponse {
  if (request.method !== 'GET') throw badRequest('WhoAmI is a function: use GET.');
  return jsonResponse(200, {
    '@odata.context': `${request.context.serviceRoot}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
    BusinessUnitId: organization.businessUnitId,
    UserId: request.context.userId,
    OrganizationId: organization.id,
  });
}
