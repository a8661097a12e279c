import { app, output } from '@azure/functions';

const connection = 'Bus';
const calls: { name: string; input: unknown; metadata: unknown; at: number }[] = [];
const failures = new Map<string, number>();

const note = (name: string, input: unknown, metadata: unknown): void => {
  calls.push({ name, input, metadata, at: Date.now() });
};

const failOnce = (key: string): void => {
  const before = failures.get(key) ?? 0;
  failures.set(key, before + 1);
  if (before === 0) {
    throw new Error(`first delivery of ${key} fails`);
  }
};

app.setup({ capabilities: { IncludeEmptyEntriesInMessagePayload: true } });

app.serviceBusQueue('one', {
  connection,
  queueName: '%OneQueue%',
  handler: (message, context) => {
    note('one', message, context.triggerMetadata);
    if (message === 'poor') {
      failOnce('poor');
    }
  },
});

let running = 0;
app.serviceBusQueue('many', {
  connection,
  queueName: 'many',
  cardinality: 'many',
  handler: async (messages, context) => {
    running += 1;
    note('many', { messages, running }, context.triggerMetadata);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    if ((messages as unknown[]).includes('bad')) {
      failOnce('batch');
    }
  },
});

app.serviceBusQueue('session', {
  connection,
  queueName: 'sessions',
  isSessionsEnabled: true,
  handler: (message, context) => note('session', message, context.triggerMetadata?.['sessionId']),
});

const busOutput = output.serviceBusQueue({ connection, queueName: 'ones' });

app.http('send', {
  methods: ['POST'],
  extraOutputs: [busOutput],
  handler: async (request, context) => {
    context.extraOutputs.set(busOutput, await request.json());
    return { status: 202 };
  },
});

app.http('calls', { methods: ['GET'], handler: () => ({ jsonBody: calls }) });

let ticks = 0;
app.timer('everySecond', {
  schedule: '* * * * * *',
  handler: (timer) => {
    ticks += 1;
    note('everySecond', { ticks, isPastDue: timer.isPastDue, next: timer.scheduleStatus.next }, null);
  },
});

let tries = 0;
app.timer('atStart', {
  schedule: '01:00:00',
  runOnStartup: true,
  retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { milliseconds: 10 } },
  handler: (_timer, context) => {
    tries += 1;
    note('atStart', { tries, retryCount: context.retryContext?.retryCount }, null);
    if (tries < 3) {
      throw new Error('not yet');
    }
  },
});
