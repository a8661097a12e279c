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
  /** The entities that the execution has locked, or wants to; absent in a record of before there were locks. */
  readonly held?: readonly string[];
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

interface ReplyAddress {
  readonly instanceId: string;
  readonly executionId: string;
}

/** Something waiting for an entity. */
export type EntityMessage =
  | EntityOperation
  /** A wish to lock the entities in `lockSet`, one after another in that order; it has come to the one at `position`. */
  | {
      readonly kind: 'lock';
      readonly requestId: string;
      readonly lockSet: readonly string[];
      readonly position: number;
      readonly replyTo: ReplyAddress;
    }
  /** The execution `holder` lets go of the entity, or of its wish to lock it. */
  | { readonly kind: 'release'; readonly holder: string };

/** An operation. `replyTo` is null for signals. */
export interface EntityOperation {
  readonly kind: 'operation';
  readonly requestId: string;
  readonly operation: string;
  readonly input: string;
  readonly replyTo: ReplyAddress | null;
}

/** State of an entity as JSON text, null once it is deleted; `lockedBy` is the execution that holds its lock. */
export interface EntityRecord {
  readonly entityId: string;
  readonly state: string | null;
  readonly lockedBy?: string | null;
  readonly updatedAt: number;
}

/** A kept message; keys grow with time. `target` is an instance id or an entity id (`@name@key`). */
export interface StoredMessage {
  readonly key: number;
  readonly target: string;
  readonly body: InstanceMessage | EntityMessage;
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

/** The id under which an entity is known: names are case-insensitive, keys are not. */
export function entityIdOf(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

const FINAL: ReadonlySet<RuntimeStatus> = new Set(['Completed', 'Failed', 'Terminated']);

/** True when nothing more will happen to the instance by itself. */
export function isFinal(status: RuntimeStatus): boolean {
  return FINAL.has(status);
}
