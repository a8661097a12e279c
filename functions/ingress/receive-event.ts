import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Services } from '../../shared/composition.ts';
import type { ChangeEvent, RowEvent } from '../../shared/core/change/change.ts';
import type { Side } from '../../shared/core/record/side.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { problem } from '../problem.ts';
import { isAuthentic, readBody, reject } from './reject.ts';

/** What a body says: an event with the tag it bears, something that is not listened to, or nothing intelligible. */
type Decoded =
  | { ok: true; event: RowEvent; tag: string | null }
  | { ok: true; event: ChangeEvent }
  | { ok: true; ignored: string }
  | { ok: false; problem: string };

/** What taking in an event needs. */
export type IngressServices = Pick<
  Services,
  'deps' | 'rejected' | 'telemetry' | 'decodeDataverseEvent' | 'decodeFinopsEvent' | 'isOwnTag'
> & { config: Pick<Services['config'], 'TWINWRITE_WEBHOOK_KEYS'> };

/** A system that posts events here. */
export interface Sender {
  side: Side;
  /** Where it shows its key, in words for the person who set it up. */
  keyPlace: string;
  decode(services: IngressServices, body: string): Decoded;
}

/**
 * Takes in what a system posts: authenticate, decode, drop our own echo, enqueue; all in milliseconds. Where our own
 * queue or storage fails, the sender is asked to send it again.
 */
export async function receiveEvent(
  composed: IngressServices,
  sender: Sender,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  try {
    return await takeIn(composed, sender, request);
  } catch (error) {
    context.error('the event could be neither enqueued nor kept', error);
    return problem(503, 'TW404', 'Send it again.');
  }
}

async function takeIn(composed: IngressServices, sender: Sender, request: HttpRequest): Promise<HttpResponseInit> {
  if (!isAuthentic(request, composed.config.TWINWRITE_WEBHOOK_KEYS)) {
    return problem(401, 'TW401', `${sender.keyPlace} holds no key in use.`);
  }
  const body = await readBody(composed, sender.side, request);
  return body.ok ? takeInBody(composed, sender, body.text) : body.response;
}

/** Takes in an authentic body; a refused one has been kept. Rejects where our own queue or storage fails. */
export async function takeInBody(composed: IngressServices, sender: Sender, text: string): Promise<HttpResponseInit> {
  const decoded = sender.decode(composed, text);
  if (!decoded.ok) return reject(composed, sender.side, Buffer.from(text), 400, 'TW402', decoded.problem);
  if ('ignored' in decoded) {
    const what = decoded.ignored.slice(0, LOGGED_LENGTH);
    composed.telemetry.emit({ event: 'event.ignored', side: sender.side, what });
    return { status: 202 };
  }
  if ('tag' in decoded && decoded.tag !== null && composed.isOwnTag(decoded.tag, decoded.event)) {
    composed.telemetry.emit({ event: 'event.echo', side: sender.side, id: decoded.event.id });
    return { status: 202 };
  }
  const event = sized(decoded.event);
  if (event === null) return reject(composed, sender.side, Buffer.from(text), 413, 'TW403', TOO_LARGE);
  await acceptEvent(composed.deps, event);
  return { status: 202 };
}

const LOGGED_LENGTH = 300;

/** A message of the queue holds 256 KB, its name and properties among them. */
const EVENT_BYTES_MAX = 200_000;
const TOO_LARGE = `what is to be kept of the event has more than ${EVENT_BYTES_MAX} bytes`;

/** An event that the queue can carry. One that names its row does without its values: the row is read anyway. */
function sized(event: ChangeEvent): ChangeEvent | null {
  if (isSmall(event)) return event;
  if (event.type !== 'row' || event.rowId === null) return null;
  const { changed: _changed, ...rest } = event;
  const bare: RowEvent = { ...rest, columns: {} };
  return isSmall(bare) ? bare : null;
}

function isSmall(event: ChangeEvent): boolean {
  return Buffer.byteLength(JSON.stringify(event)) <= EVENT_BYTES_MAX;
}
