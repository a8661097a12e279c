import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Services } from '../../shared/composition.ts';
import type { FaultCode } from '../../shared/core/fault/fault-codes.ts';
import type { Side } from '../../shared/core/record/side.ts';
import { problem } from '../problem.ts';

/** What keeping a body needs. */
type Keeper = Pick<Services, 'rejected' | 'deps'>;

/** A sender's body may be this large: Dataverse cuts its own at 256 KB; F&O events are far smaller. */
const BODY_BYTES_MAX = 1_048_576;

/** Whether the request bears one of the webhook keys, in a header or the query; compared in constant time. */
export function isAuthentic(request: HttpRequest, keys: readonly string[]): boolean {
  const given = digest(request.headers.get('x-twinwrite-key') ?? request.query.get('key') ?? '');
  return keys.map((key) => timingSafeEqual(given, digest(key))).includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The body as text, or the answer for one that is too large. */
export async function readBody(
  services: Keeper,
  side: Side,
  request: HttpRequest,
): Promise<{ ok: true; text: string } | { ok: false; response: HttpResponseInit }> {
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length <= BODY_BYTES_MAX) return { ok: true, text: bytes.toString('utf8') };
  const response = await reject(services, side, bytes, 413, 'TW403', `at most ${BODY_BYTES_MAX} bytes`);
  return { ok: false, response };
}

/** Keeps the beginning of a body that cannot be used, with its length and digest. */
export async function keepRejected(services: Keeper, side: Side, reason: FaultCode, body: Buffer): Promise<void> {
  await services.rejected.keep({
    id: services.deps.identifiers.guid(),
    side,
    reason,
    firstBytes: body.subarray(0, 4_096),
    length: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    atMs: services.deps.clock.nowMs(),
  });
}

/** Keeps what was refused, so that nothing is lost on bad input, and says what is wrong with it. */
export async function reject(
  services: Keeper,
  side: Side,
  body: Buffer,
  status: number,
  code: FaultCode,
  detail: string,
): Promise<HttpResponseInit> {
  await keepRejected(services, side, code, body);
  return problem(status, code, detail);
}
