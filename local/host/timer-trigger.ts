import { Cron } from 'croner';
import { z } from 'zod';
import type { DurableStore } from '../durable/store.ts';
import { wakeAt } from '../durable/wake-up.ts';
import { resolveExpressions } from './app-settings.ts';
import type { Invoker } from './invocation.ts';
import type { AppFunction, RetryPolicy } from './registry.ts';
import { timeSpanMs } from './time-span.ts';

/** What timers need from the host. `store` keeps when each last ran. */
export interface TimerOptions {
  readonly invoker: Invoker;
  readonly settings: Readonly<Record<string, string>>;
  readonly store: DurableStore;
  readonly log: (line: string) => void;
}

/** A started timer. */
export interface TimerListener {
  /** Runs the function now, besides its schedule. */
  fire(): Promise<void>;
  /** Resolves once a run under way has ended. */
  stop(): Promise<void>;
}

const statusSchema = z.object({ Last: z.string(), Next: z.string(), LastUpdated: z.string() });
type Status = z.infer<typeof statusSchema>;

const NEVER = '0001-01-01T00:00:00+00:00';

/**
 * Runs a timer function by its schedule: six NCRONTAB fields or a TimeSpan, in UTC or `WEBSITE_TIME_ZONE`. One run at
 * a time; a run missed while the host was down is made up for once (Azure Functions, "Timer trigger": useMonitor).
 * Throws when the schedule is not valid.
 */
export function startTimer(options: TimerOptions, target: AppFunction): TimerListener {
  const nextAfter = readSchedule(String(target.trigger['schedule'] ?? ''), options.settings);
  const monitored = target.trigger['useMonitor'] !== false;
  const stored = monitored ? options.store.schedule(target.name) : null;
  let status: Status = stored === null ? firstStatus(nextAfter) : statusSchema.parse(JSON.parse(stored));
  let cancel = (): void => {};
  let stopped = false;
  let current = Promise.resolve();

  const run = (isPastDue: boolean): Promise<void> => {
    current = current.then(() => runOnce(isPastDue));
    return current;
  };
  const runOnce = async (isPastDue: boolean): Promise<void> => {
    const ranAt = new Date();
    await invokeTimer(options, target, status, isPastDue);
    const next = nextAfter(new Date());
    status = { Last: ranAt.toISOString(), Next: next.toISOString(), LastUpdated: ranAt.toISOString() };
    if (monitored) {
      options.store.commit([{ op: 'put-schedule', name: target.name, status: JSON.stringify(status) }]);
    }
  };
  const arm = (): void => {
    if (!stopped) {
      const dueAt = nextAfter(new Date()).getTime();
      cancel = wakeAt(dueAt, () => void run(false).finally(arm));
    }
  };

  const missed = stored !== null && Date.parse(status.Next) < Date.now();
  if (missed || target.trigger['runOnStartup'] === true) {
    void run(missed).finally(arm);
  } else {
    arm();
  }
  return {
    fire: () => run(false),
    async stop() {
      stopped = true;
      cancel();
      await current;
    },
  };
}

function firstStatus(nextAfter: (from: Date) => Date): Status {
  return { Last: NEVER, Next: nextAfter(new Date()).toISOString(), LastUpdated: NEVER };
}

function readSchedule(text: string, settings: Readonly<Record<string, string>>): (from: Date) => Date {
  const schedule = resolveExpressions(text, settings).trim();
  const intervalMs = timeSpanMs(schedule);
  if (intervalMs !== null) {
    return (from) => new Date(from.getTime() + intervalMs);
  }
  const fields = schedule.split(/\s+/);
  const full = fields.length === 5 ? `0 ${schedule}` : schedule;
  const cron = new Cron(full, { paused: true, timezone: settings['WEBSITE_TIME_ZONE'] ?? 'UTC' });
  return (from) => {
    const next = cron.nextRun(from);
    if (next === null) {
      throw new Error(`The schedule '${schedule}' has no further occurrence.`);
    }
    return next;
  };
}

async function invokeTimer(
  { invoker, log }: TimerOptions,
  target: AppFunction,
  status: Status,
  isPastDue: boolean,
): Promise<void> {
  const info = { Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: isPastDue };
  const policy = target.metadata.retryOptions;
  const limit = policy?.maxRetryCount ?? 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const retryContext = { retryCount: attempt, maxRetryCount: limit, exception: null };
      const call = { data: { json: JSON.stringify(info) }, ...(policy === undefined ? {} : { retryContext }) };
      await invoker.invoke(target, call);
      return;
    } catch (error) {
      log(`error ${target.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (policy === undefined || (limit >= 0 && attempt >= limit)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(policy, attempt)));
    }
  }
}

function retryDelayMs(policy: RetryPolicy, attempt: number): number {
  const seconds = (interval: { readonly seconds?: number } | undefined): number => interval?.seconds ?? 0;
  if (policy.retryStrategy === 'fixedDelay') {
    return seconds(policy.delayInterval) * 1000;
  }
  return Math.min(seconds(policy.minimumInterval) * 2 ** attempt, seconds(policy.maximumInterval)) * 1000;
}
