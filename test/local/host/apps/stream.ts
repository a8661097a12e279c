import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });

app.http('echo', {
  route: 'echo/{name}',
  methods: ['POST'],
  handler: async (request) => ({
    status: 202,
    headers: { 'x-name': request.params['name'] ?? '', 'x-query': request.query.get('q') ?? '' },
    cookies: [{ name: 'a', value: 'b' }],
    body: request.body as never,
  }),
});

app.http('ticks', {
  methods: ['GET'],
  handler: () => ({
    body: new ReadableStream({
      async start(controller) {
        for (const text of ['one ', 'two ', 'three']) {
          controller.enqueue(new TextEncoder().encode(text));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        controller.close();
      },
    }) as never,
  }),
});

app.http('failing', {
  methods: ['POST'],
  handler: () => {
    throw new Error('streaming function fails');
  },
});

app.http('silent', { methods: ['POST'], handler: () => undefined as never });
