import { app } from '@azure/functions';

app.http('hello', {
  route: 'hello/{name:alpha}/{title?}',
  methods: ['GET', 'POST'],
  handler: async (request) => ({
    status: 201,
    headers: { 'x-name': request.params['name'] ?? '' },
    cookies: [{ name: 'seen', value: 'yes it is', httpOnly: true, path: '/', sameSite: 'Lax', maxAge: 60 }],
    jsonBody: {
      params: request.params,
      method: request.method,
      query: Object.fromEntries(request.query),
      many: request.headers.get('x-many'),
      body: request.method === 'POST' ? await request.text() : null,
    },
  }),
});

app.http('bytes', {
  route: 'bytes',
  methods: ['PUT'],
  handler: async (request) => ({ body: new Uint8Array(await request.arrayBuffer()).toReversed() }),
});

app.http('numbered', {
  route: 'things/{id:int}',
  methods: ['GET'],
  handler: (request) => ({ body: `number ${request.params['id']}` }),
});

app.http('named', {
  route: 'things/{name}',
  methods: ['GET'],
  handler: (request) => ({ body: `name ${request.params['name']}` }),
});

app.http('special', { route: 'things/special', methods: ['GET'], handler: () => ({ body: 'special' }) });

app.http('files', {
  route: 'files/{*path}',
  methods: ['GET'],
  handler: (request) => ({ body: `file ${request.params['path'] ?? ''}` }),
});

app.http('nothing', { methods: ['POST'], handler: () => undefined as never });

app.http('broken', {
  methods: ['GET'],
  handler: () => {
    throw new Error('broken on purpose');
  },
});

app.http('endless', {
  methods: ['GET'],
  handler: async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { body: 'late' };
  },
});

app.http('setting', { methods: ['GET'], handler: () => ({ body: process.env['GREETING'] ?? 'none' }) });

app.http('guarded', {
  authLevel: 'function',
  methods: ['GET'],
  handler: () => ({ body: 'in' }),
});

app.http('locked', {
  authLevel: 'admin',
  methods: ['GET'],
  handler: () => ({ body: 'in' }),
});

app.storageQueue('strange', { queueName: 'q', connection: 'c', handler: () => undefined as never });

const steps: string[] = [];

app.hook.appStart(() => {
  steps.push('start');
});
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    const { functionHandler } = context;
    context.hookData['before'] = 'pre';
    context.functionHandler = async (...inputs) => `wrapped ${String(await functionHandler(...inputs))}`;
  }
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    context.result = { body: `${String(context.hookData['before'])} ${String(context.result)} ${steps.join()}` };
  }
});
app.http('hooked', { methods: ['GET'], handler: () => 'value' as never });
