import type { Failure } from './history.ts';

/** Status words of an orchestration instance, as the management API spells them. */
export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** Everything known about an instance except its input and history. Times are epoch milliseconds, values JSON text. */
export interface InstanceRecord {
  readonly instanceId: string;
  readonly name: string;
  readonly version: string | null;
  readonly status: RuntimeStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly executionId: string;
  readonly nextTaskId: number;
  /** One short digest per top-level action already carried out, to see a later replay ask for something else. */
  readonly digests: readonly string[];
  readonly parent: { readonly instanceId: string; readonly executionId: string; readonly taskId: number } | null;
}

/** Something to be told to an instance at its next turn. */
export type InstanceMessage =
  | { readonly kind: 'event'; readonly name: string; readonly input: string }
  | { readonly kind: 'entity-reply'; readonly executionId: string; readonly requestId: string; readonly input: string }
  | { readonly kind: 'completed'; readonly executionId: string; readonly taskId: number; readonly result: string }
  | { readonly kind: 'failed'; readonly executionId: string; readonly taskId: number; readonly failure: Failure }
  | { readonly kind: 'timer'; readonly executionId: string; readonly taskId: number }
  | {
      readonly kind: 'control';
      readonly control: 'terminate' | 'suspend' | 'resume';
      readonly reason: string;
    };

/** An operation waiting for an entity. `replyTo` is null for signals. */
export interface EntityOperation {
  readonly requestId: string;
  readonly operation: string;
  readonly input: string;
  readonly replyTo: { readonly instanceId: string; readonly executionId: string } | null;
}

/** State of an entity as JSON text; null once it is deleted. */
export interface EntityRecord {
  readonly entityId: string;
  readonly state: string | null;
  readonly updatedAt: number;
}

/** A kept message; keys grow with time. `target` is an instance id or an entity id (`@name@key`). */
export interface StoredMessage {
  readonly key: number;
  readonly target: string;
  readonly body: InstanceMessage | EntityOperation;
}

/** One part of an atomic change. */
export type StoreChange =
  | { readonly op: 'create-instance'; readonly record: InstanceRecord; readonly input: string }
  | { readonly op: 'update-instance'; readonly record: InstanceRecord }
  | { readonly op: 'set-input'; readonly instanceId: string; readonly input: string }
  | { readonly op: 'delete-instance'; readonly instanceId: string }
  | {
      readonly op: 'append-history';
      readonly instanceId: string;
      readonly from: number;
      readonly events: readonly string[];
    }
  | { readonly op: 'clear-history'; readonly instanceId: string }
  | { readonly op: 'put-message'; readonly message: StoredMessage }
  | { readonly op: 'delete-message'; readonly key: number }
  | { readonly op: 'put-entity'; readonly record: EntityRecord }
  | { readonly op: 'put-schedule'; readonly name: string; readonly status: string };

/** Which instances to list; times are epoch milliseconds, inclusive. */
export interface InstanceFilter {
  readonly statuses?: readonly RuntimeStatus[];
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly idPrefix?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/**
 * Where the durable engine keeps its state. `commit` is atomic: after a killed process either all of its changes are
 * there or none. All calls are synchronous, since one turn must not see another's half.
 */
export interface DurableStore {
  commit(changes: readonly StoreChange[]): void;
  instance(instanceId: string): InstanceRecord | null;
  input(instanceId: string): string;
  /** History events of the current execution, each as JSON text. */
  history(instanceId: string): string[];
  list(filter: InstanceFilter): InstanceRecord[];
  messages(): StoredMessage[];
  entity(entityId: string): EntityRecord | null;
  schedule(name: string): string | null;
  close(): void;
}

const FINAL: ReadonlySet<RuntimeStatus> = new Set(['Completed', 'Failed', 'Terminated']);

/** True when nothing more will happen to the instance by itself. */
export function isFinal(status: RuntimeStatus): boolean {
  return FINAL.has(status);
}
