import rhea, { type Sender } from 'rhea';
import { noSessionInTime, sessionLockLost } from './faults.ts';
import { serveOutgoing } from './outgoing-link.ts';
import type { Queue } from './queue.ts';
import { answerAttach, holdAttach, refuseLink } from './rhea-internals.ts';
import { type AcceptedSession, acceptSession, releaseSession } from './sessions.ts';

/** Key of the source filter that asks for a session; its value is a session id, or null for the next free one. */
export const SESSION_FILTER = 'com.microsoft:session-filter';

const DEFAULT_WAIT_MS = 60_000;
/** The client stops waiting after the time it names; the answer must be there before. */
const ANSWER_AHEAD_MS = 50;

/** .NET ticks: units of 100 ns since the year 1. */
function ticksOf(ms: number): Buffer {
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(Math.trunc(ms)) * 10_000n + 621_355_968_000_000_000n);
  return ticks;
}

/**
 * Serves a link that asks for a session. When none is free, the answer to the attach is held back until one is, or
 * until the time the client is ready to wait is over. Returns a function that stops it and gives the session back.
 */
export function serveSession(link: Sender, queue: Queue, wanted: string | null): () => void {
  let stop: () => void = () => undefined;
  let closed = false;

  function lost(sessionId: string): void {
    stop();
    const { condition, description } = sessionLockLost(sessionId);
    link.close({ condition, description });
  }

  function grant({ sessionId, untilMs }: AcceptedSession): void {
    link.set_source({ ...link.source, filter: { [SESSION_FILTER]: sessionId } });
    answerAttach(link, { properties: { 'com.microsoft:locked-until-utc': rhea.types.wrap_long(ticksOf(untilMs)) } });
    const stopServing = serveOutgoing(link, { queue, mailbox: queue.main, sessionId });
    stop = () => {
      stopServing();
      releaseSession(queue, sessionId, link.name);
    };
  }

  /** Whether the attach can be answered now, with a session or with a refusal. */
  function decide(): boolean {
    const holder = { owner: link.name, onLost: () => lost(currentSession) };
    const accepted = acceptSession(queue, wanted, holder);
    if (accepted === null) return false;
    if ('sessionId' in accepted) {
      currentSession = accepted.sessionId;
      grant(accepted);
    } else {
      refuseLink(link, accepted);
    }
    return true;
  }

  let currentSession = wanted ?? '';
  if (!decide()) {
    holdAttach(link);
    const wait = waitForSession(link, queue, () => !closed && decide());
    stop = wait;
  }
  return () => {
    closed = true;
    stop();
  };
}

function waitForSession(link: Sender, queue: Queue, decide: () => boolean): () => void {
  const waitMs = Number(link.properties?.['com.microsoft:timeout'] ?? DEFAULT_WAIT_MS);
  let pending = false;

  function end(): void {
    clearTimeout(timer);
    queue.main.watchers.delete(watch);
  }

  function attempt(): void {
    pending = false;
    if (!queue.main.watchers.has(watch) || !decide()) return;
    end();
    link.open();
  }

  function watch(): void {
    if (pending) return;
    pending = true;
    setImmediate(attempt);
  }

  function giveUp(): void {
    end();
    refuseLink(link, noSessionInTime());
  }

  const timer = setTimeout(giveUp, Math.max(0, waitMs - ANSWER_AHEAD_MS));
  queue.main.watchers.add(watch);
  return end;
}
