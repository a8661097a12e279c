/** A stand-in for a customer's plug-in: changes or refuses a value when the column is written. */
export interface PluginRule {
  table: string;
  column: string;
  /** `copy` writes the value into `to` as well; `reject` throws with the message. */
  action: 'trim' | 'upper' | 'lower' | 'truncate' | 'copy' | 'reject';
  length?: number;
  to?: string;
  /** Only values containing this text are rejected; all when absent. */
  containing?: string;
  message?: string;
}

/** Service protection limits per user ("Service protection API limits"); the window can be scaled for tests. */
export interface ServiceProtection {
  enabled: boolean;
  windowMs: number;
  requests: number;
  executionMs: number;
  concurrent: number;
}

/** Behaviour that can be changed while the simulator runs. */
export interface DataverseSwitches {
  /** One PATCH with state and other columns raises two Update events ("Special update operation behavior"). */
  splitStateEvents: boolean;
  /** Writes that are rolled back raise their events all the same ("Event framework": steps before the commit). */
  phantomEvents: boolean;
  /** Offset of the server that writes `OperationCreatedOn` and date-only values; 0 in today's cloud. */
  serverOffsetMinutes: number;
  /** Bytes above which an event loses its parameters and images ("Use webhooks": 256 KB). */
  messageLimitBytes: number;
  /** Whether events carry `ParentContext`. */
  parentContext: boolean;
  /** Time-out of one post, 60 s on the real service. */
  webhookTimeoutMs: number;
  /** Wait before the one further attempt. */
  webhookRetryDelayMs: number;
  /** Posts under way at once; order is not guaranteed. */
  webhookConcurrency: number;
  /** Life of a delta token, 7 days by default (`organization.expirechangetrackingindays`). */
  deltaTokenLifeMs: number;
  /** Time every request takes. */
  latencyMs: number;
  /** Execution time booked per request against service protection. */
  executionMs: number;
  serviceProtection: ServiceProtection;
  plugins: PluginRule[];
  /** Messages (`Create`, `Read`, `Write`, `Delete`) denied per user id and table (`*` for all). */
  deniedPrivileges: { userId: string; table: string; privilege: Privilege }[];
  /** Tables without CreateMultiple and UpdateMultiple. */
  tablesWithoutMultiple: string[];
  /** Tables whose inactive rows refuse edits of any column but state and status reason; accounts take them. */
  tablesClosedWhenInactive: string[];
}

/** The kinds of access a security role grants on a table. */
export type Privilege = 'Create' | 'Read' | 'Write' | 'Delete';

/** The documented behaviour, with service protection off until a test or the demo asks for it. */
export const defaultSwitches: DataverseSwitches = {
  splitStateEvents: true,
  phantomEvents: false,
  serverOffsetMinutes: 0,
  messageLimitBytes: 256 * 1024,
  parentContext: true,
  webhookTimeoutMs: 60_000,
  webhookRetryDelayMs: 1_000,
  webhookConcurrency: 4,
  deltaTokenLifeMs: 7 * 24 * 3_600_000,
  latencyMs: 0,
  executionMs: 0,
  serviceProtection: { enabled: false, windowMs: 300_000, requests: 6_000, executionMs: 1_200_000, concurrent: 52 },
  plugins: [],
  deniedPrivileges: [],
  tablesWithoutMultiple: [],
  tablesClosedWhenInactive: [],
};
