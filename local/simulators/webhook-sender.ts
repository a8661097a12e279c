import type { CallCounts } from './call-counts.ts';
import type { FaultPlan, Side } from './fault-plan.ts';

/** Posts one event; resolves with the HTTP status, rejects when there was no answer in time. */
type SendWebhook = (url: string, headers: Record<string, string>, body: string, timeoutMs: number) => Promise<number>;

/** Sends events until it is stopped. */
export interface WebhookSender {
  send: SendWebhook;
  /** Later sends neither go out nor end, so that their events stay pending in the saved state. */
  stop(): void;
}

const maxPostsAtOnce = 8;

/**
 * Sends the events of one side, a few at a time, and does to them what the fault plan says: a lost event counts
 * as delivered for its sender, a duplicate is posted twice, one of a side that is offline fails.
 */
export function createWebhookSender(side: Side, plan: FaultPlan, counts: CallCounts): WebhookSender {
  let running = 0;
  let stopped = false;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (running >= maxPostsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
  };
  const leave = (): void => {
    running -= 1;
    waiting.shift()?.();
  };
  const send: SendWebhook = async (url, headers, body, timeoutMs) => {
    if (stopped) return new Promise(() => {});
    counts.webhook(side, 'sent');
    if (plan.strikeWebhook(side, 'lost-webhook')) {
      counts.webhook(side, 'lost');
      return 202;
    }
    await enter();
    try {
      if (plan.strikeWebhook(side, 'offline')) throw new Error('The side is offline.');
      const status = await post(url, headers, body, timeoutMs);
      counts.webhook(side, status < 300 ? 'delivered' : 'refused');
      if (plan.strikeWebhook(side, 'duplicate-webhook')) {
        counts.webhook(side, 'duplicated');
        await post(url, headers, body, timeoutMs);
      }
      return status;
    } catch (error) {
      counts.webhook(side, 'failed');
      throw error;
    } finally {
      leave();
    }
  };
  return {
    send,
    stop: () => {
      stopped = true;
    },
  };
}

async function post(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
  await response.arrayBuffer();
  return response.status;
}
