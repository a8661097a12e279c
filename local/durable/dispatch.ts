import { callHttp } from './call-http.ts';
import { type EngineState, inBackground, type LiveInstance } from './engine-state.ts';
import type { OpenTask } from './history.ts';
import type { InstanceMessage } from './store.ts';
import { wakeAt } from './wake-up.ts';

type Started = Exclude<OpenTask, { kind: 'child' }>;

/**
 * Starts the work behind a task that is already committed; its end comes back as a message to the instance. The
 * execution is that of the task: the instance may have continued as new meanwhile.
 */
export function dispatch(state: EngineState, instance: LiveInstance, task: Started, executionId: string): void {
  if (state.stopped) {
    return;
  }
  switch (task.kind) {
    case 'activity':
      inBackground(state, () => runActivity(state, instance, task, executionId));
      return;
    case 'timer':
      armTimer(state, instance, task, executionId);
      return;
    case 'http':
      if (task.after === null || !instance.open.has(task.after)) {
        inBackground(state, () => runHttp(state, instance, task, executionId));
      }
      return;
    case 'entity':
  }
}

async function runActivity(
  state: EngineState,
  instance: LiveInstance,
  task: Extract<OpenTask, { kind: 'activity' }>,
  executionId: string,
): Promise<void> {
  const { instanceId } = instance.record;
  const { name, input } = task.call;
  const end = await state.activities.run(async (): Promise<InstanceMessage | null> => {
    if (state.stopped) {
      return null;
    }
    state.counts.activities += 1;
    try {
      const result = await state.options.workers.callActivity(name, input, instanceId);
      return { kind: 'completed', executionId, taskId: task.id, result };
    } catch (error) {
      const thrown = error instanceof Error ? error : new Error(String(error));
      const failure = { reason: `Activity function '${name}' failed: ${thrown.message}`, details: thrown.stack ?? '' };
      return { kind: 'failed', executionId, taskId: task.id, failure };
    }
  });
  if (end !== null) {
    state.post.toInstance(instanceId, end);
  }
}

function armTimer(
  state: EngineState,
  instance: LiveInstance,
  task: Extract<OpenTask, { kind: 'timer' }>,
  executionId: string,
): void {
  const { instanceId } = instance.record;
  state.counts.timers += 1;
  const cancel = wakeAt(task.fireAt, () => {
    instance.timers.delete(task.id);
    state.post.toInstance(instanceId, { kind: 'timer', executionId, taskId: task.id });
  });
  instance.timers.set(task.id, cancel);
}

async function runHttp(
  state: EngineState,
  instance: LiveInstance,
  task: Extract<OpenTask, { kind: 'http' }>,
  executionId: string,
): Promise<void> {
  const { instanceId } = instance.record;
  state.counts.httpCalls += 1;
  const place = { executionId, taskId: task.id };
  try {
    const result = await callHttp(task.request);
    state.post.toInstance(instanceId, { kind: 'completed', ...place, result });
  } catch (error) {
    const reason = `HTTP call to ${task.request.uri} failed: ${error instanceof Error ? error.message : String(error)}`;
    state.post.toInstance(instanceId, { kind: 'failed', ...place, failure: { reason, details: '' } });
  }
}
