import type { DurableWorkers } from '../durable/engine-state.ts';
import { reusedActions } from '../durable/protocol.ts';
import type { Invoker } from './invocation.ts';
import type { AppFunction, Registry } from './registry.ts';
import { toJsonText } from './typed-data.ts';

const TRIGGERS = {
  orchestrator: 'orchestrationtrigger',
  activity: 'activitytrigger',
  entity: 'entitytrigger',
} as const;

type Kind = keyof typeof TRIGGERS;

/** Lets the durable engine call the app's orchestrators, activities and entities. */
export function createDurableWorkers(
  registry: Registry,
  invoker: Invoker,
  log: (line: string) => void,
): DurableWorkers {
  const find = (kind: Kind, name: string): AppFunction | undefined =>
    [...registry.functions.values()].find(
      (known) =>
        known.trigger.type.toLowerCase() === TRIGGERS[kind] &&
        (known.name === name || (kind === 'entity' && known.name.toLowerCase() === name.toLowerCase())),
    );
  const index = new Map<string, AppFunction>();
  const need = (kind: Kind, name: string): AppFunction => {
    const key = `${kind}:${name}`;
    const found = index.get(key) ?? find(kind, name);
    if (found === undefined) {
      throw new Error(`No ${kind} named '${name}' is registered.`);
    }
    index.set(key, found);
    return found;
  };
  return {
    has: (kind, name) => index.has(`${kind}:${name}`) || find(kind, name) !== undefined,
    async callOrchestrator(name, payload, again) {
      const target = need('orchestrator', name);
      const { response, result } = await invoker.invoke(target, { data: { string: payload }, shadow: again });
      if (!again) {
        warnOfReuse(name, result, log);
      }
      return toJsonText(response.returnValue);
    },
    async callActivity(name, input, instanceId) {
      const triggerMetadata = { instanceId: { string: instanceId } };
      const { response } = await invoker.invoke(need('activity', name), { data: { string: input }, triggerMetadata });
      return toJsonText(response.returnValue);
    },
    async callEntity(name, payload) {
      const { response } = await invoker.invoke(need('entity', name), { data: { string: payload } });
      return toJsonText(response.returnValue);
    },
  };
}

function warnOfReuse(name: string, state: unknown, log: (line: string) => void): void {
  for (const reused of reusedActions(state)) {
    log(
      `warning ${name}: a task (${reused}) was passed to more than one Task.any or Task.all. It runs again and later ` +
        'results are mixed up, in Azure too (azure-functions-durable-js issue 574).',
    );
  }
}
