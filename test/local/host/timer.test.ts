import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../local/durable/memory-store.ts';
import type { Invocation, Invoker } from '../../../local/host/invocation.ts';
import type { AppFunction } from '../../../local/host/registry.ts';
import { startTimer } from '../../../local/host/timer-trigger.ts';

const timerFunction = (options: Record<string, unknown>): AppFunction => {
  const trigger = { type: 'timerTrigger', direction: 'in', ...options } as const;
  const metadata = { name: 'tick', bindings: { timer: trigger } };
  return { id: 'tick', name: 'tick', metadata, triggerName: 'timer', trigger, callback: () => undefined };
};

const recorder = (work: () => Promise<void> = () => Promise.resolve()) => {
  const seen: { IsPastDue: boolean; ScheduleStatus: { Last: string; Next: string } }[] = [];
  const invoker: Invoker = {
    async invoke(_target: AppFunction, call: Invocation) {
      seen.push(JSON.parse(call.data.json ?? ''));
      await work();
      return { response: {}, result: undefined };
    },
    runAppHooks: () => Promise.resolve(),
    counts: () => ({}),
  };
  return { seen, invoker };
};

const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));
const log = () => undefined;

describe('timers', () => {
  test('a run missed while the host was down is made up for once and marked past due', async () => {
    const store = createMemoryStore();
    const status = { Last: '2020-01-01T00:00:00Z', Next: '2020-01-01T01:00:00Z', LastUpdated: '2020-01-01T00:00:00Z' };
    store.commit([{ op: 'put-schedule', name: 'tick', status: JSON.stringify(status) }]);
    const { seen, invoker } = recorder();
    const target = timerFunction({ schedule: '0 0 * * * *' });
    const first = startTimer({ invoker, settings: {}, store, log }, target);
    await pause(10);
    await first.stop();
    const second = startTimer({ invoker, settings: {}, store, log }, target);
    await pause(10);
    await second.stop();
    expect(seen).toMatchObject([{ IsPastDue: true, ScheduleStatus: { Last: status.Last, Next: status.Next } }]);
    const kept = JSON.parse(store.schedule('tick') ?? '{}') as { Next: string };
    expect(Date.parse(kept.Next)).toBeGreaterThan(Date.now());
    expect(kept.Next).toMatch(/:00:00\.000Z$/);
  });

  test('a run that takes longer than the interval is not overtaken by the next', async () => {
    let running = 0;
    let most = 0;
    const { seen, invoker } = recorder(async () => {
      running += 1;
      most = Math.max(most, running);
      await pause(50);
      running -= 1;
    });
    const timer = startTimer(
      { invoker, settings: {}, store: createMemoryStore(), log },
      timerFunction({ schedule: '00:00:00.010' }),
    );
    await pause(250);
    await timer.stop();
    expect(most).toBe(1);
    expect(seen.length).toBeGreaterThan(1);
  });

  test('the schedule may be a setting; a wrong one is refused', async () => {
    const { invoker } = recorder();
    const store = createMemoryStore();
    const start = (schedule: string) =>
      startTimer({ invoker, settings: { Plan: '0 30 9 * * 1-5' }, store, log }, timerFunction({ schedule }));
    await start('%Plan%').stop();
    expect(() => start('every day')).toThrow();
    expect(() => start('%Gone%')).toThrow("'Gone'");
  });
});
