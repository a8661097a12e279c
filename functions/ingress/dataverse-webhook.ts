import { app } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { receiveEvent, type Sender } from './receive-event.ts';

/** Dataverse's webhook posts (RemoteExecutionContext). */
export const DATAVERSE: Sender = {
  side: 'dataverse',
  keyPlace: 'The header x-twinwrite-key',
  decode: (services, body) => services.decodeDataverseEvent(body),
};

app.http('dataverseWebhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'api/ingress/dataverse',
  handler: async (request, context) => receiveEvent(await services(), DATAVERSE, request, context),
});
