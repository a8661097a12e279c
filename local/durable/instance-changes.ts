import { randomUUID } from 'node:crypto';
import type { LiveInstance, Pending } from './engine-state.ts';
import type { InstanceRecord, StoreChange } from './store.ts';

/** A record for an instance that is about to start. */
export function newRecord(
  instanceId: string,
  name: string,
  version: string | null,
  parent: InstanceRecord['parent'],
): InstanceRecord {
  const now = Date.now();
  return {
    instanceId,
    name,
    version,
    status: 'Pending',
    createdAt: now,
    updatedAt: now,
    output: null,
    customStatus: null,
    executionId: newExecutionId(),
    nextTaskId: 0,
    digests: [],
    parent,
  };
}

/** A fresh id for an execution. */
export function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}

/** Changes the record of an instance in memory. */
export function update(instance: LiveInstance, fields: Partial<InstanceRecord>): void {
  instance.record = { ...instance.record, ...fields, updatedAt: Date.now() };
}

/** The changes that remove messages that have been used up. */
export function forget(messages: readonly Pending<unknown>[]): StoreChange[] {
  return messages.flatMap(({ key }) => (key === null ? [] : [{ op: 'delete-message', key } as const]));
}

/** Stops one timer of an instance. */
export function stopTimer(instance: LiveInstance, id: number): void {
  instance.timers.get(id)?.();
  instance.timers.delete(id);
}

/** Stops all timers of an instance. */
export function stopTimers(instance: LiveInstance): void {
  for (const id of [...instance.timers.keys()]) {
    stopTimer(instance, id);
  }
}
