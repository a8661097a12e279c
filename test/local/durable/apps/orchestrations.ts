import * as df from 'durable-functions';
import './clients.ts';
import './locks.ts';
import './mistakes.ts';
import './plans.ts';

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
