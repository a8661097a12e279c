import * as df from 'durable-functions';
import type { SyncBatch } from '../../shared/core/change/change.ts';
import { type SyncAnswer, type SyncReport, syncChanges } from '../../shared/pipeline/sync-changes.ts';
import { activityName } from './activities.ts';

/** Failing infrastructure is waited for, from one second to a minute, for most of a day. */
const PATIENCE = new df.RetryOptions(1_000, 1_000);
PATIENCE.backoffCoefficient = 2;
PATIENCE.maxRetryIntervalInMilliseconds = 60_000;

/** Drives the pure generator: a command becomes an activity or a timer, its answer goes back in. */
df.app.orchestration('syncChanges', function* (context): Generator<df.Task, SyncReport, SyncAnswer> {
  const run = syncChanges(context.df.getInput() as SyncBatch, context.df.instanceId);
  let step = run.next();
  while (step.done !== true) {
    const command = step.value;
    if (command.kind === 'wait') {
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + command.delayMs));
      step = run.next({ kind: 'waited' });
    } else {
      step = run.next(yield context.df.callActivityWithRetry(activityName(command.kind), PATIENCE, command));
    }
  }
  return step.value;
});
