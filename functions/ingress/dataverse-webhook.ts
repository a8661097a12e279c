import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { problem } from '../problem.ts';
import { isAuthentic, readBody, reject } from './reject.ts';

/** Takes Dataverse's webhook posts (RemoteExecutionContext): authenticate, decode, drop our own echo, enqueue. */
async function dataverseWebhook(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const composed = await services();
  if (!isAuthentic(request, composed.config.TWINWRITE_WEBHOOK_KEYS)) {
    return problem(401, 'TW401', 'The header x-twinwrite-key holds no key in use.');
  }
  const body = await readBody(composed, 'dataverse', request);
  if (!body.ok) return body.response;
  const decoded = composed.decodeDataverseEvent(body.text);
  if (!decoded.ok) {
    return reject(composed, 'dataverse', Buffer.from(body.text), 400, 'TW402', decoded.problem);
  }
  if ('ignored' in decoded) return { status: 202 };
  if (decoded.tag !== null && composed.isOwnTag(decoded.tag)) {
    composed.telemetry.emit({ event: 'event.echo', side: 'dataverse', id: decoded.event.id });
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

app.http('dataverseWebhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'api/ingress/dataverse',
  handler: dataverseWebhook,
});
