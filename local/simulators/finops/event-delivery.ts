import type { OutgoingEvent } from './outgoing-event.ts';

/** Posts a body; resolves with the HTTP status and rejects when there is no answer in time. */
export type PostBody = (
  url: string,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
) => Promise<number>;

async function attempt(event: OutgoingEvent, post: PostBody): Promise<string | null> {
  try {
    const status = await post(event.endpoint, event.headers, event.body, event.timeoutMs);
    return status >= 200 && status < 300 ? null : `The endpoint answered ${status}.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Delivers one event with the retries of "Business events overview": fixed waits, no back-off. Resolves with null, or
 * with the reason of the last failure, which belongs in the error list.
 */
export async function deliverEvent(
  event: OutgoingEvent,
  post: PostBody,
  wait: (delayMs: number) => Promise<void>,
): Promise<string | null> {
  let reason = await attempt(event, post);
  for (let done = 1; reason !== null && done < event.attempts; done += 1) {
    await wait(event.waitMs);
    reason = await attempt(event, post);
  }
  return reason;
}
