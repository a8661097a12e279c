/** The time, for command handlers only: the core and the orchestrators take instants as data. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
}

/** Identifiers, for command handlers only. */
export interface Identifiers {
  /** A new random GUID, lower case. */
  guid(): string;
}
