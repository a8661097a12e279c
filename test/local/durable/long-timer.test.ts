import { expect, test } from 'vitest';
import type { OpenTask } from '../../../local/durable/history.ts';
import { newRecord } from '../../../local/durable/instance-changes.ts';
import { eventTexts, replayTwice } from '../../../local/durable/replay.ts';
import type { InstanceMessage } from '../../../local/durable/store.ts';
import { takeTurn } from '../../../local/durable/turn.ts';
import { loadApp } from '../../../local/host/app-loader.ts';
import { createDurableWorkers } from '../../../local/host/durable-workers.ts';
import { createInvoker } from '../../../local/host/invocation.ts';
import { createWorkGauge } from '../../../local/host/work-gauge.ts';

const DAY_MS = 86_400_000;

/** Takes turns of one instance with the real SDK and a clock that jumps to whatever is waited for. */
async function runInVirtualTime(appDirectory: string, name: string, startedAt: number) {
  const log = () => undefined;
  const registry = await loadApp({ appDirectory, entry: 'orchestrations.ts' }, log);
  const invoker = createInvoker({
    registry,
    appDirectory,
    timeoutMs: null,
    gauge: createWorkGauge(),
    log,
    extraInputs: () => ({}),
    sendOutputs: () => Promise.resolve(),
  });
  const workers = createDurableWorkers(registry, invoker, log);
  const history: string[] = [];
  const open = new Map<number, OpenTask>();
  let record = newRecord('virtual', name, null, null);
  let now = startedAt;
  let messages: InstanceMessage[] = [];
  const fired: { id: number; days: number }[] = [];
  for (;;) {
    const result = await takeTurn({ record, historyLength: history.length, open, messages, now }, (events) =>
      replayTwice((payload, again) => workers.callOrchestrator(name, payload, again), {
        instanceId: 'virtual',
        parentInstanceId: null,
        input: 'null',
        history: [...history, ...eventTexts(events)],
      }),
    );
    history.push(...eventTexts(result.draft.events));
    record = { ...record, nextTaskId: result.draft.nextTaskId, digests: result.digests };
    if (result.end !== null) {
      return { end: result.end, fired };
    }
    const task = [...open.values()][0];
    const place = { executionId: record.executionId, taskId: task?.id ?? -1 };
    if (task?.kind === 'timer') {
      now = task.fireAt;
      fired.push({ id: task.id, days: (task.fireAt - startedAt) / DAY_MS });
      messages = [{ kind: 'timer', ...place }];
    } else if (task?.kind === 'activity') {
      const result = await workers.callActivity(task.call.name, task.call.input, 'virtual');
      messages = [{ kind: 'completed', ...place, result }];
    } else {
      throw new Error('Nothing is waited for.');
    }
  }
}

test('a timer of ten days is cut into hops of three, with the ids the SDK counts', async () => {
  const { end, fired } = await runInVirtualTime(`${import.meta.dirname}/apps`, 'tenDays', Date.UTC(2026, 0, 1));
  expect(fired).toEqual([
    { id: 0, days: 3 },
    { id: 1, days: 6 },
    { id: 2, days: 10 },
  ]);
  expect(end).toEqual({ kind: 'completed', output: JSON.stringify(['Hello Nome!', 10]) });
});
