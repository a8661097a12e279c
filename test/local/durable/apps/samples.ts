import { appendFileSync, readFileSync } from 'node:fs';
import * as df from 'durable-functions';

/** Every run of an activity leaves a line here, also over restarts of the process. */
const stepLog = process.env['STEP_LOG'] ?? '';

const noteStep = (step: string): number => {
  appendFileSync(stepLog, `${step}\n`);
  return readFileSync(stepLog, 'utf8')
    .split('\n')
    .filter((line) => line === step).length;
};

df.app.activity('work', {
  handler: async ({ step, delayMs }: { step: string; delayMs: number }) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    noteStep(step);
    return step;
  },
});
df.app.activity('failUntil', {
  handler: ({ step, run }: { step: string; run: number }) => {
    const runs = noteStep(step);
    if (runs < run) {
      throw new Error(`run ${runs}`);
    }
    return 'at last';
  },
});

const soon = (context: df.OrchestrationContext, delayMs: number): Date =>
  new Date(context.df.currentUtcDateTime.getTime() + delayMs);

df.app.orchestration('sequence', function* (context) {
  const output: unknown[] = [];
  for (let step = 0; step < 12; step += 1) {
    output.push(yield context.df.callActivity('work', { step: `sequence ${step}`, delayMs: 15 }));
  }
  return output.length;
});

df.app.orchestration('fan', function* (context) {
  const wave = (name: string) =>
    Array.from({ length: 12 }, (_, index) =>
      context.df.callActivity('work', { step: `${name} ${index}`, delayMs: 10 * index }),
    );
  const first = (yield context.df.Task.all(wave('first'))) as string[];
  const second = (yield context.df.Task.all(wave('second'))) as string[];
  return [first.at(-1), second.at(-1)];
});

df.app.orchestration('retried', function* (context) {
  const options = new df.RetryOptions(30, 6);
  const good = yield context.df.callActivityWithRetry('failUntil', options, { step: 'good', run: 3 });
  let bad = 'no error';
  try {
    yield context.df.callActivityWithRetry('failUntil', new df.RetryOptions(30, 3), { step: 'bad', run: 1000 });
  } catch (error) {
    bad = (error as Error).message.startsWith("Activity function 'failUntil' failed: run") ? 'gave up' : 'other';
  }
  return [good, bad];
});

df.app.orchestration('kid', function* (context) {
  const step = `kid of ${context.df.parentInstanceId}`;
  yield context.df.callActivity('work', { step, delayMs: 40 });
  const result = yield context.df.callActivityWithRetry('failUntil', new df.RetryOptions(20, 2), { step, run: 5 });
  return result;
});

df.app.orchestration('family', function* (context) {
  const kids = ['a', 'b'].map((name) =>
    context.df.callSubOrchestratorWithRetry(
      'kid',
      new df.RetryOptions(25, 5),
      null,
      `${context.df.instanceId}-${name}`,
    ),
  );
  return yield context.df.Task.all([
    ...kids,
    context.df.callSubOrchestratorWithRetry('kid', new df.RetryOptions(25, 5)),
  ]);
});

df.app.orchestration('timers', function* (context) {
  const long = context.df.createTimer(soon(context, 3_600_000));
  const short = context.df.createTimer(soon(context, 150));
  const winner = yield context.df.Task.any([long, short]);
  long.cancel();
  const after = yield context.df.callActivity('work', { step: 'after timer', delayMs: 5 });
  return [winner === short, after];
});

df.app.orchestration('approval', function* (context) {
  const event = context.df.waitForExternalEvent('go');
  const deadline = context.df.createTimer(soon(context, 600_000));
  const winner = yield context.df.Task.any([event, deadline]);
  deadline.cancel();
  const late = context.df.createTimer(soon(context, 120));
  const never = context.df.waitForExternalEvent('never');
  const second = yield context.df.Task.any([never, late]);
  return [winner === event ? event.result : 'no event', second === late];
});

df.app.orchestration('rounds', function* (context) {
  const { round } = context.df.getInput() as { round: number };
  yield context.df.callActivity('work', { step: `round ${round}`, delayMs: 20 });
  if (round < 8) {
    context.df.continueAsNew({ round: round + 1 });
    return undefined;
  }
  return round;
});

df.app.entity('Tally', (context) => {
  const state = context.df.getState(() => 0) as number;
  if (context.df.operationName === 'add') {
    context.df.setState(state + 1);
  }
  context.df.return(context.df.getState(() => 0));
});

df.app.orchestration('tallies', function* (context) {
  const id = new df.EntityId('Tally', 'shared');
  for (let call = 0; call < 10; call += 1) {
    context.df.signalEntity(id, 'add');
    yield context.df.callEntity(id, 'add');
    yield context.df.callActivity('work', { step: `tally ${call}`, delayMs: 10 });
  }
  return yield context.df.callEntity(id, 'get');
});
