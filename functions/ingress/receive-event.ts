import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Services, services } from '../../shared/composition.ts';
import type { ChangeEvent } from '../../shared/core/change/change.ts';
import type { Side } from '../../shared/core/record/side.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { problem } from '../problem.ts';
import { isAuthentic, readBody, reject } from './reject.ts';

/** What a body says: an event with the tag it bears, something that is not listened to, or nothing intelligible. */
type Decoded =
  | { ok: true; event: ChangeEvent; tag?: string | null }
  | { ok: true; ignored: string }
  | { ok: false; problem: string };

/** A system that posts events here. */
export interface Sender {
  side: Side;
  /** Where it shows its key, in words for the person who set it up. */
  keyPlace: string;
  decode(services: Services, body: string): Decoded;
}

/** Takes in what a system posts: authenticate, decode, drop our own echo, enqueue; all in milliseconds. */
export async function receiveEvent(
  sender: Sender,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const composed = await services();
  if (!isAuthentic(request, composed.config.TWINWRITE_WEBHOOK_KEYS)) {
    return problem(401, 'TW401', `${sender.keyPlace} holds no key in use.`);
  }
  const body = await readBody(composed, sender.side, request);
  if (!body.ok) return body.response;
  const decoded = sender.decode(composed, body.text);
  if (!decoded.ok) return reject(composed, sender.side, Buffer.from(body.text), 400, 'TW402', decoded.problem);
  if ('ignored' in decoded) return { status: 202 };
  if (decoded.tag != null && composed.isOwnTag(decoded.tag)) {
    composed.telemetry.emit({ event: 'event.echo', side: sender.side, id: decoded.event.id });
    return { status: 202 };
  }
  try {
    await acceptEvent(composed.deps, decoded.event);
    return { status: 202 };
  } catch (error) {
    context.error('the event could not be enqueued', error);
    return problem(503, 'TW404', 'Send it again.');
  }
}
