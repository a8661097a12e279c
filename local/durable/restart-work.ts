import { dispatch } from './dispatch.ts';
import type { EngineState, LiveInstance } from './engine-state.ts';

/** Starts again what was scheduled and has not come back: activities at least once, timers at their old time. */
export function restartWork(state: EngineState, instance: LiveInstance): void {
  const answered = new Set(instance.inbox.map(({ body }) => ('taskId' in body ? body.taskId : -1)));
  for (const task of instance.open.values()) {
    if (task.kind !== 'child' && !answered.has(task.id)) {
      dispatch(state, instance, task, instance.record.executionId);
    }
  }
  if (instance.history.length === 0) {
    state.post.wake(instance);
  }
}
