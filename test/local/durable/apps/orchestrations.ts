import { app } from '@azure/functions';
import * as df from 'durable-functions';

/** Calls of `flaky` by key: it fails until the wanted attempt. */
const attempts = new Map<string, number>();

df.app.activity('greet', { handler: (city: string) => `Hello ${city}!` });
df.app.activity('echo', { handler: (value: unknown) => value });
df.app.activity('square', { handler: (value: number) => value * value });
df.app.activity('nothing', { handler: () => undefined });
df.app.activity('bytes', { handler: () => Buffer.from('abc') });
df.app.activity('flaky', {
  handler: ({ key, until }: { key: string; until: number }) => {
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    if (attempt < until) {
      throw new Error(`attempt ${attempt} failed`);
    }
    return `${key} after ${attempt}`;
  },
});
df.app.activity('slow', {
  handler: async (delayMs: number) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return delayMs;
  },
});

let crowd = 0;
let largestCrowd = 0;
df.app.activity('crowd', {
  handler: async () => {
    crowd += 1;
    largestCrowd = Math.max(largestCrowd, crowd);
    await new Promise((resolve) => setTimeout(resolve, 5));
    crowd -= 1;
    return largestCrowd;
  },
});

df.app.orchestration('crowds', function* (context) {
  const tasks = Array.from({ length: 20 }, () => context.df.callActivity('crowd'));
  const seen = (yield context.df.Task.all(tasks)) as number[];
  return Math.max(...seen);
});

df.app.orchestration('tenDays', function* (context) {
  const start = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(new Date(start + 10 * 86_400_000));
  const greeting = yield context.df.callActivity('greet', 'Nome');
  return [greeting, (context.df.currentUtcDateTime.getTime() - start) / 86_400_000];
});

df.app.orchestration('helloSequence', function* (context) {
  const output: unknown[] = [];
  for (const city of ['Tokyo', 'Seattle', 'Cairo']) {
    output.push(yield context.df.callActivity('greet', city));
  }
  return output;
});

df.app.orchestration('values', function* (context) {
  return [
    context.df.getInput(),
    yield context.df.callActivity('echo', '42'),
    yield context.df.callActivity('echo', { a: [1, null] }),
    yield context.df.callActivity('nothing'),
    yield context.df.callActivity('bytes'),
  ];
});

df.app.orchestration('fanOut', function* (context) {
  const count = context.df.getInput() as number;
  const tasks = Array.from({ length: count }, (_, index) => context.df.callActivity('square', index));
  const squares = (yield context.df.Task.all(tasks)) as number[];
  return squares.reduce((sum, value) => sum + value, 0);
});

const retry = (first: number, attemptCount: number, more: Partial<df.RetryOptions> = {}): df.RetryOptions =>
  Object.assign(new df.RetryOptions(first, attemptCount), more);

df.app.orchestration('retries', function* (context) {
  const key = context.df.instanceId;
  const options = retry(5, 4, { backoffCoefficient: 2, maxRetryIntervalInMilliseconds: 12 });
  const both = (yield context.df.Task.all([
    context.df.callActivityWithRetry('flaky', options, { key: `${key}a`, until: 3 }),
    context.df.callActivityWithRetry('flaky', options, { key: `${key}b`, until: 2 }),
    context.df.callActivity('greet', 'Oslo'),
  ])) as string[];
  const last = yield context.df.callActivity('greet', 'Lima');
  return [...both.map((text) => text.replace(key, '')), last];
});

df.app.orchestration('retriesFail', function* (context) {
  const key = context.df.instanceId;
  try {
    yield context.df.callActivityWithRetry('flaky', retry(5, 3), { key, until: 99 });
  } catch (error) {
    const after = yield context.df.callActivity('greet', 'Quito');
    return [(error as Error).message.split('\n')[0], after, attempts.get(key)];
  }
  return 'never';
});

df.app.orchestration('retriesTimeOut', function* (context) {
  const key = context.df.instanceId;
  const options = retry(40, 1000, { retryTimeoutInMilliseconds: 60 });
  try {
    yield context.df.callActivityWithRetry('flaky', options, { key, until: 9999 });
  } catch {
    const after = yield context.df.callActivity('greet', 'Rome');
    return [after, (attempts.get(key) ?? 0) < 5];
  }
  return 'never';
});

df.app.orchestration('child', function* (context) {
  const { name, fail } = context.df.getInput() as { name: string; fail?: boolean };
  const greeting = yield context.df.callActivity('greet', name);
  if (fail === true) {
    throw new Error(`child of ${name} refused`);
  }
  return [greeting, context.df.parentInstanceId !== undefined, context.df.instanceId];
});

/** A tree of things to wait for; every leaf gives its own key, so that swapped results show. */
type Plan =
  | { all: Plan[] }
  | { any: Plan[] }
  | { leaf: 'plain' | 'retried' | 'child' | 'timer'; key: string; until: number; delayMs: number };

df.app.activity('planned', {
  handler: async ({ key, until, delayMs }: { key: string; until: number; delayMs: number }) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    if (attempt < until) {
      throw new Error(`${key} failed`);
    }
    return key;
  },
});

df.app.orchestration('plannedChild', function* (context) {
  return yield context.df.callActivity('planned', context.df.getInput());
});

df.app.orchestration('plan', function* (context) {
  const tasksOf = (plan: Plan): df.Task => {
    if ('leaf' in plan) {
      const options = new df.RetryOptions(2, 4);
      switch (plan.leaf) {
        case 'plain':
          return context.df.callActivity('planned', { ...plan, until: 0 });
        case 'retried':
          return context.df.callActivityWithRetry('planned', options, plan);
        case 'child':
          return context.df.callSubOrchestratorWithRetry('plannedChild', options, plan);
        case 'timer':
          return context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + plan.delayMs));
      }
    }
    return 'all' in plan ? context.df.Task.all(plan.all.map(tasksOf)) : context.df.Task.any(plan.any.map(tasksOf));
  };
  const results: unknown[] = [];
  for (const plan of context.df.getInput() as Plan[]) {
    try {
      const result: unknown = yield tasksOf(plan);
      results.push('any' in plan ? 'any' : result);
    } catch {
      results.push('failed');
    }
  }
  return results;
});

df.app.orchestration('twins', function* (context) {
  const id = `${context.df.instanceId}-twin`;
  const first = context.df.callSubOrchestrator('child', { name: 'Graz' }, id);
  const second = context.df.callSubOrchestrator('child', { name: 'Graz' }, id);
  try {
    yield context.df.Task.all([first, second]);
  } catch (error) {
    return (error as Error).message;
  }
  return 'both';
});

df.app.orchestration('leftover', function* (context) {
  const { round } = context.df.getInput() as { round: number };
  if (round === 2) {
    // The answer of the activity that the first round left running must not be taken for this one's.
    return yield context.df.callActivity('slow', 40);
  }
  yield context.df.Task.any([context.df.callActivity('slow', 20), context.df.callActivity('echo', 'quick')]);
  context.df.continueAsNew({ round: 2 });
  return undefined;
});

df.app.orchestration('parent', function* (context) {
  const first = (yield context.df.callSubOrchestrator('child', { name: 'Bern' })) as unknown[];
  const named = (yield context.df.callSubOrchestrator(
    'child',
    { name: 'Bonn' },
    `${context.df.instanceId}-kid`,
  )) as unknown[];
  let refused = '';
  try {
    yield context.df.callSubOrchestratorWithRetry('child', retry(5, 2), { name: 'Brno', fail: true });
  } catch (error) {
    refused = String((error as Error).message).split('\n')[0] ?? '';
  }
  const last = yield context.df.callActivity('greet', 'Basel');
  return [first.slice(0, 2), named, refused.trim(), last];
});

df.app.orchestration('cancelTimer', function* (context) {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3_600_000));
  const work = context.df.callActivity('slow', 20);
  const winner = yield context.df.Task.any([work, timer]);
  if (winner === work) {
    timer.cancel();
  }
  const next = yield context.df.callActivity('greet', 'Turin');
  return [winner === work, next];
});

df.app.orchestration('slowly', function* (context) {
  return [yield context.df.callActivity('slow', 250), yield context.df.callActivity('greet', 'Turin')];
});

df.app.orchestration('timer', function* (context) {
  const start = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(new Date(start + 60));
  return context.df.currentUtcDateTime.getTime() - start >= 60;
});

df.app.orchestration('approval', function* (context) {
  const timeoutMs = context.df.getInput() as number;
  context.df.setCustomStatus({ waitingFor: 'approval' });
  const deadline = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + timeoutMs));
  const answer = context.df.waitForExternalEvent('approval');
  const winner = yield context.df.Task.any([answer, deadline]);
  if (winner !== answer) {
    return 'timed out';
  }
  deadline.cancel();
  context.df.setCustomStatus('answered');
  return { answer: answer.result };
});

df.app.orchestration('counter', function* (context) {
  const { count } = context.df.getInput() as { count: number };
  const next = (yield context.df.callActivity('echo', count + 1)) as number;
  if (next < 5) {
    context.df.continueAsNew({ count: next });
    return undefined;
  }
  return next;
});

df.app.orchestration('unknownActivity', function* (context) {
  try {
    yield context.df.callActivity('isNotThere');
  } catch {
    return 'caught';
  }
  return 'never';
});

df.app.orchestration('fails', function* (context) {
  yield context.df.callActivity('greet', 'Kyiv');
  throw new Error('gave up');
});

df.app.orchestration('flakyOnce', function* (context) {
  const good = context.df.callActivity('slow', 1);
  const bad = context.df.callActivity('flaky', { key: context.df.instanceId, until: 2 });
  const both = (yield context.df.Task.all([good, bad])) as unknown[];
  return [both[0], yield context.df.callActivity('greet', 'Lodz')];
});

df.app.orchestration('random', function* (context) {
  yield context.df.callActivity('echo', Math.random());
  return 'never';
});

let changing = 0;
df.app.orchestration('changing', function* (context) {
  // Equal within one turn, different between turns.
  yield context.df.callActivity('echo', Math.floor(changing++ / 2));
  return 'never';
});

df.app.orchestration('reuse', function* (context) {
  const a = context.df.callActivity('slow', 30);
  yield context.df.Task.any([a, context.df.callActivity('slow', 1)]);
  yield context.df.Task.any([a, context.df.callActivity('slow', 1)]);
  return 'done';
});

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
