import * as df from 'durable-functions';
import type { Orchestrations } from '../../shared/ports/orchestrations.ts';

/** A count of open orchestrations is good for so long and for so many starts: it costs a query, and the limit is a rough one. */
const COUNT_LIFE_MS = 2_000;
const COUNT_STARTS_MAX = 16;

const OPEN = [df.OrchestrationRuntimeStatus.Running, df.OrchestrationRuntimeStatus.Pending];

let counted: { atMs: number; open: number; starts: number } | null = null;

/** Orchestrations over the durable client of a trigger. */
export function durableOrchestrations(client: df.DurableClient): Orchestrations {
  return {
    async start(instanceId, batch) {
      try {
        await client.startNew('syncChanges', { instanceId, input: batch });
      } catch (error) {
        // A redelivery: the host refuses a second instance with this id while the first one runs.
        if (!(await isOpen(client, instanceId))) throw error;
        return;
      }
      if (counted !== null) counted = { ...counted, open: counted.open + 1, starts: counted.starts + 1 };
    },
    async countOpen() {
      const nowMs = Date.now();
      const isFresh = counted !== null && nowMs - counted.atMs < COUNT_LIFE_MS && counted.starts < COUNT_STARTS_MAX;
      if (counted !== null && isFresh) return counted.open;
      const open = await client.getStatusBy({ runtimeStatus: [...OPEN] });
      counted = { atMs: nowMs, open: open.length, starts: 0 };
      return open.length;
    },
  };
}

async function isOpen(client: df.DurableClient, instanceId: string): Promise<boolean> {
  const status = await client.getStatus(instanceId).catch(() => null);
  return status !== null && OPEN.includes(status.runtimeStatus);
}
