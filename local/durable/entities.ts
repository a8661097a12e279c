import { z } from 'zod';
import { type EngineState, inBackground, keep, type LiveEntity, type Pending } from './engine-state.ts';
import { forget } from './instance-changes.ts';
import type { EntityOperation, InstanceMessage, StoreChange } from './store.ts';

/** The id under which an entity is known: names are case-insensitive, keys are not. */
export function entityIdOf(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

/** Splits an entity id; null when it is none. */
function parseEntityId(entityId: string): { name: string; key: string } | null {
  const at = entityId.indexOf('@', 1);
  return entityId.startsWith('@') && at > 0 ? { name: entityId.slice(1, at), key: entityId.slice(at + 1) } : null;
}

/** Puts a kept operation into the entity's queue; operations of one entity run one batch after another. */
export function deliverToEntity(state: EngineState, entityId: string, body: EntityOperation, key: number): void {
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
  while (entity.queue.length > 0 && !state.stopped) {
    await runBatch(state, entityId, entity.queue.splice(0));
  }
  entity.scheduled = false;
  state.entities.delete(entityId);
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

async function runBatch(state: EngineState, entityId: string, batch: Pending<EntityOperation>[]): Promise<void> {
  state.counts.entityBatches += 1;
  const before = state.options.store.entity(entityId)?.state ?? null;
  const outcome = await callEntity(state, entityId, before, batch);
  const after = typeof outcome === 'string' ? before : stateAfter(outcome);
  const changes: StoreChange[] = forget(batch);
  changes.push({ op: 'put-entity', record: { entityId, state: after, updatedAt: Date.now() } });
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
    const operation = {
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
