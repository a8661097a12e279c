import { app } from '@azure/functions';
import * as df from 'durable-functions';

df.app.entity('Counter', (context) => {
  const state = context.df.getState(() => 0) as number;
  switch (context.df.operationName ?? '') {
    case 'add':
      context.df.setState(state + (context.df.getInput() as number));
      break;
    case 'get':
      context.df.return(state);
      break;
    case 'tell':
      context.df.signalEntity(new df.EntityId('Counter', 'told'), 'add', state);
      break;
    case 'delete':
      context.df.destructOnExit();
      break;
    default:
      throw new Error('no such operation');
  }
});

df.app.orchestration('entities', function* (context) {
  const id = new df.EntityId('Counter', context.df.instanceId);
  context.df.signalEntity(id, 'add', 3);
  yield context.df.callEntity(id, 'add', 4);
  const value = yield context.df.callEntity(id, 'get');
  let refused = false;
  try {
    yield context.df.callEntity(id, 'explode');
  } catch {
    refused = true;
  }
  yield context.df.callEntity(id, 'tell');
  return [value, refused, yield context.df.callActivity('echo', 'end')];
});

df.app.orchestration('http', function* (context) {
  const url = context.df.getInput() as string;
  const response = (yield context.df.callHttp({
    method: 'POST',
    url,
    body: { a: 1 },
    headers: { 'x-test': 'yes' },
  })) as { statusCode: number; content?: string };
  const after = yield context.df.callActivity('greet', 'Ghent');
  return [response.statusCode, response.content, after];
});

app.http('start', {
  route: 'start/{name}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input: unknown = await request.json();
    const instanceId = await client.startNew(request.params['name'] ?? '', { input });
    return client.createCheckStatusResponse(request, instanceId);
  },
});

app.http('client', {
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (_request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew('approval', { input: 60_000, instanceId: 'by-client' });
    const before = await client.getStatus(id);
    await client.raiseEvent(id, 'approval', { ok: true });
    const done = await client.waitForCompletionOrCreateCheckStatusResponse(_request, id, {
      timeoutInMilliseconds: 5000,
      retryIntervalInMilliseconds: 5,
    });
    await client.signalEntity(new df.EntityId('Counter', 'direct'), 'add', 5);
    const purged = await client.purgeInstanceHistory(id);
    return { jsonBody: { name: before.name, input: before.input, done: await done.json(), purged } };
  },
});
