import type {
  DurableStore,
  EntityRecord,
  InstanceFilter,
  InstanceRecord,
  StoreChange,
  StoredMessage,
} from './store.ts';

interface Tables {
  readonly instances: Map<string, InstanceRecord>;
  readonly inputs: Map<string, string>;
  readonly histories: Map<string, string[]>;
  readonly messages: Map<number, StoredMessage>;
  readonly entities: Map<string, EntityRecord>;
  readonly schedules: Map<string, string>;
}

/** Keeps the engine's state for the life of the process only. */
export function createMemoryStore(): DurableStore {
  const tables: Tables = {
    instances: new Map(),
    inputs: new Map(),
    histories: new Map(),
    messages: new Map(),
    entities: new Map(),
    schedules: new Map(),
  };
  return {
    commit(changes) {
      for (const change of changes) {
        apply(tables, change);
      }
    },
    instance: (instanceId) => tables.instances.get(instanceId) ?? null,
    input: (instanceId) => tables.inputs.get(instanceId) ?? 'null',
    history: (instanceId) => [...(tables.histories.get(instanceId) ?? [])],
    list: (filter) => select([...tables.instances.values()], filter),
    messages: () => [...tables.messages.values()],
    entity: (entityId) => tables.entities.get(entityId) ?? null,
    schedule: (name) => tables.schedules.get(name) ?? null,
    close() {},
  };
}

function apply(tables: Tables, change: StoreChange): void {
  switch (change.op) {
    case 'create-instance':
      tables.instances.set(change.record.instanceId, change.record);
      tables.inputs.set(change.record.instanceId, change.input);
      return;
    case 'update-instance':
      tables.instances.set(change.record.instanceId, change.record);
      return;
    case 'set-input':
      tables.inputs.set(change.instanceId, change.input);
      return;
    case 'delete-instance':
      tables.instances.delete(change.instanceId);
      tables.inputs.delete(change.instanceId);
      tables.histories.delete(change.instanceId);
      return;
    case 'append-history': {
      const kept = tables.histories.get(change.instanceId) ?? [];
      kept.push(...change.events);
      tables.histories.set(change.instanceId, kept);
      return;
    }
    case 'clear-history':
      tables.histories.delete(change.instanceId);
      return;
    case 'put-message':
      tables.messages.set(change.message.key, change.message);
      return;
    case 'delete-message':
      tables.messages.delete(change.key);
      return;
    case 'put-entity':
      tables.entities.set(change.record.entityId, change.record);
      return;
    case 'put-schedule':
      tables.schedules.set(change.name, change.status);
  }
}

function select(records: InstanceRecord[], filter: InstanceFilter): InstanceRecord[] {
  const { statuses, createdFrom = 0, createdTo = Number.MAX_SAFE_INTEGER, idPrefix = '' } = filter;
  const offset = filter.offset ?? 0;
  return records
    .filter(
      (record) =>
        (statuses === undefined || statuses.includes(record.status)) &&
        record.createdAt >= createdFrom &&
        record.createdAt <= createdTo &&
        record.instanceId.startsWith(idPrefix),
    )
    .sort((a, b) => a.createdAt - b.createdAt || (a.instanceId < b.instanceId ? -1 : 1))
    .slice(offset, filter.limit === undefined ? undefined : offset + filter.limit);
}
