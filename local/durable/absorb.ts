import { z } from 'zod';
import { type Draft, openTask, record, recordNew, takeId } from './draft.ts';
import { EVENT, type Failure, type HistoryEvent, historyEvent, type OpenTask, type RetryState } from './history.ts';
import { HTTP_POLL_MS } from './protocol.ts';
import { hopEnd, openAttempt, openPoll } from './schedule.ts';
import type { InstanceMessage } from './store.ts';

type TaskMessage = Extract<InstanceMessage, { kind: 'completed' | 'failed' | 'timer' }>;

/**
 * Takes in the end of a task when it concerns only the engine and the SDK's bookkeeping, not the orchestrator's code:
 * failed attempts that will be retried, retry pauses, hops of long timers, polls. Those hand out ids, so they must
 * stand in the history before anything that wakes the code. Returns the event that wakes the code, or null when
 * everything was absorbed.
 */
export function absorb(draft: Draft, task: OpenTask, message: TaskMessage): HistoryEvent | null {
  const event = endEvent(draft, task, message);
  if (message.kind === 'failed' && (task.kind === 'activity' || task.kind === 'child') && task.retry !== undefined) {
    record(draft, event);
    return pauseBeforeRetry(draft, task.retry, message.failure);
  }
  if (message.kind === 'timer' && task.kind === 'timer') {
    return absorbTimer(draft, task, event);
  }
  if (message.kind === 'completed' && task.kind === 'http' && task.request.asynchronousPatternEnabled !== false) {
    return absorbPoll(draft, task.request.headers, message.result, event);
  }
  return event;
}

function endEvent(draft: Draft, task: OpenTask, message: TaskMessage): HistoryEvent {
  const child = task.kind === 'child';
  switch (message.kind) {
    case 'timer':
      return historyEvent(EVENT.timerFired, draft.at, {
        TimerId: task.id,
        FireAt: new Date(task.kind === 'timer' ? task.fireAt : draft.at).toISOString(),
      });
    case 'completed':
      return historyEvent(child ? EVENT.childCompleted : EVENT.taskCompleted, draft.at, {
        TaskScheduledId: task.id,
        Result: message.result,
      });
    case 'failed':
      return historyEvent(child ? EVENT.childFailed : EVENT.taskFailed, draft.at, {
        TaskScheduledId: task.id,
        Reason: message.failure.reason,
        Details: message.failure.details,
      });
  }
}

function absorbTimer(
  draft: Draft,
  task: Extract<OpenTask, { kind: 'timer' }>,
  event: HistoryEvent,
): HistoryEvent | null {
  const { retry } = task;
  if (retry !== undefined) {
    return retry.attempt >= retry.options.maxNumberOfAttempts ? event : tryAgain(draft, retry, event);
  }
  if (task.polls !== undefined) {
    record(draft, event);
    const poll = draft.open.get(task.polls);
    if (poll !== undefined) {
      draft.opened.push(poll);
    }
    return null;
  }
  if (task.finalFireAt > draft.at) {
    record(draft, event);
    const { finalFireAt, action } = task;
    openTask(draft, {
      kind: 'timer',
      id: takeId(draft),
      fireAt: hopEnd(draft.at, finalFireAt),
      finalFireAt,
      action,
    });
    return null;
  }
  return event;
}

/** The SDK waits for the pause also after the last attempt. */
function pauseBeforeRetry(draft: Draft, retry: RetryState, lastFailure: Failure): HistoryEvent | null {
  const id = takeId(draft);
  const fireAt = draft.at + retryDelayMs(retry);
  const state: RetryState = { ...retry, lastFailure };
  const timer: OpenTask = { kind: 'timer', id, fireAt, finalFireAt: fireAt, action: null, retry: state };
  if (!timedOut(retry, draft.at)) {
    openTask(draft, timer);
    return null;
  }
  recordNew(draft, EVENT.timerCreated, { EventId: id, Host: { task: timer } });
  return absorbTimer(draft, timer, historyEvent(EVENT.timerFired, draft.at, { TimerId: id }));
}

function tryAgain(draft: Draft, retry: RetryState, fired: HistoryEvent): HistoryEvent | null {
  record(draft, fired);
  const { lastFailure, ...rest } = retry;
  const next: RetryState = { ...rest, attempt: retry.attempt + 1 };
  const task = openAttempt(draft, retry.call, next);
  if (lastFailure === undefined || !timedOut(retry, draft.at)) {
    return null;
  }
  // The SDK counts attempts only: after the time limit the remaining ones are written down as failed, not carried out.
  draft.opened.pop();
  return absorb(draft, task, { kind: 'failed', executionId: draft.executionId, taskId: task.id, failure: lastFailure });
}

function timedOut(retry: RetryState, at: number): boolean {
  const limit = retry.options.retryTimeoutInMilliseconds;
  return limit !== undefined && at - retry.firstAttemptAt >= limit;
}

function retryDelayMs({ options, attempt }: RetryState): number {
  const grown = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.round(Math.min(grown, options.maxRetryIntervalInMilliseconds ?? Number.POSITIVE_INFINITY));
}

const responseSchema = z.object({ statusCode: z.number(), headers: z.record(z.string(), z.string()) });

function absorbPoll(
  draft: Draft,
  headers: Record<string, string> | undefined,
  result: string,
  event: HistoryEvent,
): HistoryEvent | null {
  const response = responseSchema.parse(JSON.parse(result));
  const location = headerOf(response.headers, 'location');
  if (response.statusCode !== 202 || location === undefined) {
    return event;
  }
  record(draft, event);
  const retryAfterSeconds = Number(headerOf(response.headers, 'retry-after') ?? Number.NaN);
  const delayMs = Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : HTTP_POLL_MS;
  const request = { method: 'GET', uri: location, asynchronousPatternEnabled: true };
  openPoll(draft, headers === undefined ? request : { ...request, headers }, delayMs);
  return null;
}

function headerOf(headers: Record<string, string>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
