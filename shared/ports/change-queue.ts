import type { Change, ChangeEvent } from '../core/change/change.ts';

/** What travels in the queue: an event as it came, or a change that is planned again. */
export type QueueBody = { type: 'event'; event: ChangeEvent } | { type: 'change'; change: Change };

export interface QueueMessage {
  /** Names one delivery: the queue drops a second message with the same id. */
  id: string;
  body: QueueBody;
}

/** The queue of changes. */
export interface ChangeQueue {
  /** Enqueues all or throws; an id that was seen within the window is dropped silently. */
  send(messages: readonly QueueMessage[]): Promise<void>;
}
