/** One HTTP request as a simulator sees it; the server has taken off the mount prefix and read the body. */
export interface SimRequest {
  method: string;
  /** After the mount prefix, without the query, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  /** The text after the question mark, or empty text. */
  rawQuery: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** The answer of a simulator; the server adds nothing but the length and the connection headers. */
export interface SimResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** One committed change of one row, for the live page and for tests. */
export interface SimChange {
  side: 'dataverse' | 'finops';
  table: string;
  key: string;
  operation: 'create' | 'update' | 'delete';
  /** ISO 8601 in UTC. */
  at: string;
  /** Id of the user who made the change. */
  by: string;
  columns: string[];
  tag?: string;
}

/** What the server process needs of each of the two simulated systems. */
export interface Simulator {
  handle(request: SimRequest): Promise<SimResponse>;
  /** The whole state as JSON-ready data. */
  snapshot(): unknown;
  /** Puts back a state that `snapshot` gave; refuses anything else by throwing. */
  restore(state: unknown): void;
  onChange(listener: (change: SimChange) => void): void;
}
