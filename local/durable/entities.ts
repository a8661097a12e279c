import { z } from 'zod';
import { type EngineState, inBackground, keep, type LiveEntity, type Pending } from './engine-state.ts';
import { takeStep } from './entity-queue.ts';
import { forget } from './instance-changes.ts';
import {
  type EntityMessage,
  type EntityOperation,
  entityIdOf,
  type InstanceMessage,
  type StoreChange,
} from './store.ts';

/** Splits an entity id; null when it is none. */
function parseEntityId(entityId: string): { name: string; key: string } | null {
  const at = entityId.indexOf('@', 1);
  return entityId.startsWith('@') && at > 0 ? { name: entityId.slice(1, at), key: entityId.slice(at + 1) } : null;
}

/** Puts a kept message into the entity's queue; operations of one entity run one batch after another. */
export function deliverToEntity(state: EngineState, entityId: string, body: EntityMessage, key: number): void {
  const entity = state.entities.get(entityId) ?? { queue: [], scheduled: false };
  state.entities.set(entityId, entity);
  entity.queue.push({ key, body });
  if (entity.scheduled || state.stopped) {
    return;
  }
  entity.scheduled = true;
  inBackground(state, () => drain(state, entityId, entity));
}

async function drain(state: EngineState, entityId: string, entity: LiveEntity): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  while (!state.stopped) {
    const lockedBy = state.options.store.entity(entityId)?.lockedBy ?? null;
    const step = takeStep(entity.queue, lockedBy);
    if (step === null) break;
    if (step.kind === 'run') await runBatch(state, entityId, step.batch);
    else if (step.kind === 'grant') grant(state, entityId, step.taken, step.lock);
    else
      state.options.store.commit([
        ...forget(step.taken),
        ...(step.kind === 'unlock' ? [lockOf(state, entityId, null)] : []),
      ]);
  }
  entity.scheduled = false;
  // What waits for a lock to be let go stays; whoever lets go of it comes to this queue, too.
  if (entity.queue.length === 0) state.entities.delete(entityId);
}

/** The change that locks an entity, or unlocks it, and leaves its state as it is. */
function lockOf(state: EngineState, entityId: string, lockedBy: string | null): StoreChange {
  const known = state.options.store.entity(entityId);
  return { op: 'put-entity', record: { entityId, state: known?.state ?? null, lockedBy, updatedAt: Date.now() } };
}

/** The entity belongs to the lock's holder now; the wish goes on to the next one, or is answered by the last. */
function grant(
  state: EngineState,
  entityId: string,
  taken: Pending<EntityMessage>,
  lock: Extract<EntityMessage, { kind: 'lock' }>,
): void {
  const { replyTo, requestId, lockSet, position } = lock;
  const changes = [...forget([taken]), lockOf(state, entityId, replyTo.executionId)];
  const next = lockSet[position + 1];
  if (next !== undefined) {
    const onward: EntityMessage = { ...lock, position: position + 1 };
    const kept = keep(state, next, onward);
    state.options.store.commit([...changes, kept.change]);
    state.post.toEntity(next, onward, kept.key);
    return;
  }
  const { instanceId, executionId } = replyTo;
  const reply: InstanceMessage = { kind: 'entity-reply', executionId, requestId, input: '{}' };
  const kept = keep(state, instanceId, reply);
  state.options.store.commit([...changes, kept.change]);
  state.post.toInstance(instanceId, reply, kept.key);
}

const outcomeSchema = z.object({
  entityExists: z.boolean().optional(),
  entityState: z.string().nullish(),
  results: z.array(z.object({ isError: z.boolean(), result: z.string().optional() })),
  signals: z.array(
    z.object({ target: z.object({ name: z.string(), key: z.string() }), name: z.string(), input: z.string() }),
  ),
});

type Outcome = z.infer<typeof outcomeSchema>;

async function runBatch(
  state: EngineState,
  entityId: string,
  batch: readonly Pending<EntityOperation>[],
): Promise<void> {
  state.counts.entityBatches += 1;
  const known = state.options.store.entity(entityId);
  const before = known?.state ?? null;
  const outcome = await callEntity(state, entityId, before, batch);
  const after = typeof outcome === 'string' ? before : stateAfter(outcome);
  const changes: StoreChange[] = forget(batch);
  changes.push({
    op: 'put-entity',
    record: { entityId, state: after, lockedBy: known?.lockedBy ?? null, updatedAt: Date.now() },
  });
  const sends: (() => void)[] = [];
  batch.forEach(({ body }, index) => {
    if (body.replyTo !== null) {
      const { instanceId, executionId } = body.replyTo;
      const input = replyText(outcome, index);
      const message: InstanceMessage = { kind: 'entity-reply', executionId, requestId: body.requestId, input };
      const kept = keep(state, instanceId, message);
      changes.push(kept.change);
      sends.push(() => state.post.toInstance(instanceId, message, kept.key));
    }
  });
  const signals = typeof outcome === 'string' ? [] : outcome.signals;
  signals.forEach(({ target, name, input }, index) => {
    const operation: EntityOperation = {
      kind: 'operation',
      requestId: `${batch[0]?.key}:${index}`,
      operation: name,
      input: input || 'null',
      replyTo: null,
    };
    const targetId = entityIdOf(target.name, target.key);
    const kept = keep(state, targetId, operation);
    changes.push(kept.change);
    sends.push(() => state.post.toEntity(targetId, operation, kept.key));
  });
  state.options.store.commit(changes);
  for (const send of sends) {
    send();
  }
}

function stateAfter(outcome: Outcome): string | null {
  return outcome.entityExists === true ? (outcome.entityState ?? null) : null;
}

/** The JSON of the SDK's `ResponseMessage` for one operation of the batch. */
function replyText(outcome: Outcome | string, index: number): string {
  const result = typeof outcome === 'string' ? undefined : outcome.results[index];
  if (result === undefined) {
    return JSON.stringify({ result: JSON.stringify(outcome), exceptionType: 'EntityOperationFailed' });
  }
  const value = { result: result.result ?? 'null' };
  return JSON.stringify(result.isError ? { ...value, exceptionType: 'EntityOperationFailed' } : value);
}

/** Runs the batch; a text is the reason why the whole of it failed. */
async function callEntity(
  state: EngineState,
  entityId: string,
  before: string | null,
  batch: readonly Pending<EntityOperation>[],
): Promise<Outcome | string> {
  const self = parseEntityId(entityId);
  if (self === null || !state.options.workers.has('entity', self.name)) {
    const reason = `The function '${self?.name ?? entityId}' is not registered as an entity in this app.`;
    state.options.log(reason);
    return reason;
  }
  const payload = {
    self,
    exists: before !== null,
    state: before,
    batch: batch.map(({ body }) => ({
      name: body.operation,
      id: body.requestId,
      input: body.input,
      isSignal: body.replyTo === null,
    })),
  };
  try {
    return outcomeSchema.parse(JSON.parse(await state.options.workers.callEntity(self.name, JSON.stringify(payload))));
  } catch (error) {
    const reason = `Entity '${entityId}' failed: ${error instanceof Error ? error.message : String(error)}`;
    state.options.log(reason);
    return reason;
  }
}
