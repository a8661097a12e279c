import { app } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { receiveEvent, type Sender } from './receive-event.ts';

/** F&O's business events and data events. F&O can only put its key into the URL. */
export const FINOPS: Sender = {
  side: 'finops',
  keyPlace: 'The query option key',
  decode: (services, body) => services.decodeFinopsEvent(body),
};

app.http('finopsEvents', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'api/ingress/finops',
  handler: async (request, context) => receiveEvent(await services(), FINOPS, request, context),
});
