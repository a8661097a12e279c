import rhea, { type Connection, type EventContext, type Receiver, type Sender } from 'rhea';
import { type BrokerFault, malformed } from './faults.ts';

/** A request as rhea decodes it: fields by their names in snake case. */
export type Request = Readonly<Record<string, unknown>>;

/** An answer to a request on `$cbs` or `$management`. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly fault?: BrokerFault;
}

/** The names of the answer's application properties, which differ between the two nodes. */
export interface AnswerNames {
  readonly status: string;
  readonly description: string;
}

/** An answer goes to the link of the same connection that was attached with the request's reply-to address. */
function findReplyLink(connection: Connection, replyTo: unknown): Sender | undefined {
  const matches = (link: Sender): boolean => link.target?.address === replyTo || link.name === replyTo;
  return connection.find_sender(matches);
}

function decode(bytes: unknown): Request | null {
  if (!Buffer.isBuffer(bytes)) return null;
  try {
    return rhea.message.decode(bytes);
  } catch {
    return null;
  }
}

/** Serves a link on which a client sends requests: each is decoded, handled and answered, in order. */
export function serveRequests(link: Receiver, names: AnswerNames, handle: (request: Request) => Answer): void {
  link.set_source(link.source);
  link.set_target(link.target);
  link.on('message', ({ message, delivery, connection }: EventContext) => {
    const request = decode(message);
    delivery?.accept();
    const replyLink = request === null ? undefined : findReplyLink(connection, request['reply_to']);
    if (request === null || replyLink === undefined) return;
    const { status, body, fault } = answered(handle, request);
    const properties: Record<string, unknown> = {
      [names.status]: rhea.types.wrap_int(status),
      [names.description]: fault?.description ?? 'OK',
    };
    if (fault !== undefined) properties['errorCondition'] = rhea.types.wrap_symbol(fault.condition);
    const answer = { correlation_id: request['message_id'], application_properties: properties, body: body ?? null };
    replyLink.send(rhea.message.encode(answer), undefined, 0);
  });
}

function answered(handle: (request: Request) => Answer, request: Request): Answer {
  try {
    return handle(request);
  } catch (fault) {
    // A wrong request must not end the connection, which serves other requests, too.
    const description = fault instanceof Error ? fault.message : String(fault);
    return { status: 400, fault: malformed(description) };
  }
}
