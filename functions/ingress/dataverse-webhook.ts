import { app } from '@azure/functions';
import { receiveEvent, type Sender } from './receive-event.ts';

/** Dataverse's webhook posts (RemoteExecutionContext). */
const DATAVERSE: Sender = {
  side: 'dataverse',
  keyPlace: 'The header x-twinwrite-key',
  decode: (services, body) => services.decodeDataverseEvent(body),
};

app.http('dataverseWebhook', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'api/ingress/dataverse',
  handler: (request, context) => receiveEvent(DATAVERSE, request, context),
});
