import type { SimRequest } from '../exchange.ts';
import type { CallContext } from './call-context.ts';
import { parsePreferences } from './preferences.ts';
import { stableGuid } from './stable-guid.ts';
import { randomGuid } from './stored-value.ts';
import { badRequest, faultCodes, webFault } from './web-fault.ts';

/** The user that requests without `x-sim-user` run as: the app's application user. */
export const applicationUserId = stableGuid('systemuser:application');

/** A person at the screen; the page's edits run as this user. */
export const interactiveUserId = stableGuid('systemuser:interactive');

const servicePath = /^\/api\/data\/v9\.\d\//;

/** Address forms of one request: where the service root is, and how to cut it off. */
export interface ServiceAddress {
  root: string;
  /** Turns an absolute, rooted or relative address into a decoded one relative to the root, without the query. */
  relative(address: string): string;
}

/** Finds the service root in a request; 404 when the path is not one of the Web API. */
export function serviceAddress(request: SimRequest): ServiceAddress {
  const version = servicePath.exec(request.path)?.[0];
  if (version === undefined) {
    throw webFault(404, faultCodes.notFoundSegment, `Resource not found for the segment '${request.path}'.`);
  }
  const prefix = request.headers['x-forwarded-prefix'] ?? '';
  const root = `http://${request.headers['host'] ?? 'localhost'}${prefix}${version}`;
  return {
    root,
    relative: (address) => {
      const rooted = address.replace(/^https?:\/\/[^/]+/, '').replace(/[?].*$/s, '');
      const inside = prefix !== '' && rooted.startsWith(`${prefix}/`) ? rooted.slice(prefix.length) : rooted;
      return decode(inside.replace(servicePath, '').replace(/^\//, ''));
    },
  };
}

/** Percent-decodes; 400 for a malformed sequence. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest(`'${text}' is not a valid address.`);
  }
}

/**
 * Reads who calls and how: the authenticated user (put there by the server), impersonation
 * ("Impersonate another user using the Web API"), tag and bypass headers.
 */
export function requestContext(
  headers: Record<string, string>,
  query: URLSearchParams,
  root: string,
  source: { random: () => number; now: number },
): CallContext {
  const user = headers['x-sim-user'] ?? applicationUserId;
  const impersonated = headers['mscrmcallerid'];
  const requestId = randomGuid(source.random);
  return {
    userId: impersonated?.toLowerCase() ?? user,
    onBehalfOf: impersonated === undefined ? null : user,
    tag: query.get('tag') ?? undefined,
    requestId,
    correlationId: headers['x-ms-correlation-request-id'] ?? randomGuid(source.random),
    userAgent: headers['user-agent'] ?? '',
    bypassedSteps: new Set(listOf(headers['mscrm.bypassbusinesslogicexecutionstepids']).map((id) => id.toLowerCase())),
    bypassAsync: listOf(headers['mscrm.bypassbusinesslogicexecution']).includes('CustomAsync'),
    serviceRoot: root,
    preferences: parsePreferences(headers['prefer']),
    now: source.now,
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim().replaceAll('"', ''))
    .filter((entry) => entry !== '');
}
