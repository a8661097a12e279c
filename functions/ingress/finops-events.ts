import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { acceptEvent } from '../../shared/pipeline/accept-event.ts';
import { problem } from '../problem.ts';
import { isAuthentic, readBody, reject } from './reject.ts';

/** Takes F&O's business events and data events. F&O can only put its key into the URL. */
async function finopsEvents(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const composed = await services();
  if (!isAuthentic(request, composed.config.TWINWRITE_WEBHOOK_KEYS)) {
    return problem(401, 'TW401', 'The query option key holds no key in use.');
  }
  const body = await readBody(composed, 'finops', request);
  if (!body.ok) return body.response;
  const decoded = composed.decodeFinopsEvent(body.text);
  if (!decoded.ok) {
    return reject(composed, 'finops', Buffer.from(body.text), 400, 'TW402', decoded.problem);
  }
  if ('ignored' in decoded) return { status: 202 };
  try {
    await acceptEvent(composed.deps, decoded.event);
    return { status: 202 };
  } catch (error) {
    context.error('the event could not be enqueued', error);
    return problem(503, 'TW404', 'Send it again.');
  }
}

app.http('finopsEvents', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'api/ingress/finops',
  handler: finopsEvents,
});
