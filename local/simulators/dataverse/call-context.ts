import type { Preferences } from './preferences.ts';

/** Who calls, how, and what the events of the call carry. */
export interface CallContext {
  /** The user whose rights count and who is recorded as modifier. */
  userId: string;
  /** The caller when it acts for another user, recorded as `…onbehalfby`. */
  onBehalfOf: string | null;
  /** `?tag=` of the request ("Optional parameters"): a shared variable of its events. */
  tag: string | undefined;
  requestId: string;
  correlationId: string;
  userAgent: string;
  /** Steps not to run ("Bypass custom business logic"). */
  bypassedSteps: Set<string>;
  bypassAsync: boolean;
  /** Root of the service in addresses of answers, with a slash at the end. */
  serviceRoot: string;
  preferences: Preferences;
  /** Instant of the request, ms since 1970. */
  now: number;
}
