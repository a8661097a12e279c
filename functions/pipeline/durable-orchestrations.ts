import * as df from 'durable-functions';
import type { Orchestrations } from '../../shared/ports/orchestrations.ts';

/** How long a count of open orchestrations is good for: counting costs a query, and the limit is a rough one. */
const COUNT_LIFE_MS = 2_000;

let counted: { atMs: number; open: number } | null = null;

/** Orchestrations over the durable client of a trigger. */
export function durableOrchestrations(client: df.DurableClient): Orchestrations {
  return {
    async start(instanceId, batch) {
      const status = await client.getStatus(instanceId).catch(() => null);
      const running = status?.runtimeStatus;
      if (running === df.OrchestrationRuntimeStatus.Running || running === df.OrchestrationRuntimeStatus.Pending)
        return;
      await client.startNew('syncChanges', { instanceId, input: batch });
      if (counted !== null) counted.open += 1;
    },
    async countOpen() {
      const nowMs = Date.now();
      if (counted !== null && nowMs - counted.atMs < COUNT_LIFE_MS) return counted.open;
      const open = await client.getStatusBy({
        runtimeStatus: [df.OrchestrationRuntimeStatus.Running, df.OrchestrationRuntimeStatus.Pending],
      });
      counted = { atMs: nowMs, open: open.length };
      return open.length;
    },
  };
}
