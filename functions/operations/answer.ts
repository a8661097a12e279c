import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import { problemsOf } from '../../shared/api/requests.ts';
import type { Config } from '../../shared/config.ts';
import type { Fault } from '../../shared/core/fault/fault.ts';
import { problem } from '../problem.ts';

const STATUS_BY_CODE: Readonly<Record<string, number>> = { TW214: 404, TW215: 409 };

/** Runs an operation on a request that has the shape it wants; 400 problem+json with all findings otherwise. */
export async function withRequest<T>(
  schema: z.ZodType<T>,
  given: unknown,
  act: (request: T) => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const parsed = schema.safeParse(given);
  return parsed.success ? act(parsed.data) : problem(400, 'TW405', problemsOf(parsed.error));
}

/** The body as JSON; null when it is none, which no schema takes. */
export async function jsonOf(request: HttpRequest): Promise<unknown> {
  return request.json().catch(() => null);
}

/** A fault of a use case as problem+json. */
export function faultAnswer({ code, message }: Fault): HttpResponseInit {
  return problem(STATUS_BY_CODE[code] ?? 422, code, message);
}

/**
 * Who asks: the signed-in person where App Service tells one, else whoever holds the key. The header is App Service's own only
 * where sign-in is on; elsewhere anybody may send it, and it is not believed.
 */
export function actorOf(request: HttpRequest, config: Pick<Config, 'WEBSITE_AUTH_ENABLED'>): string {
  const signedIn = config.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true';
  const name = signedIn ? request.headers.get('x-ms-client-principal-name') : null;
  return name ?? 'holder of the function key';
}
