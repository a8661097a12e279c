import type { Fault } from '../fault/fault.ts';
import type { Values } from '../record/canonical-value.ts';

/** How one write to one row ended. */
export type WriteResult =
  | {
      kind: 'done';
      /** Id and address of the row now; for a new F&O row they are the system's choice. Null after a deletion. */
      rowId: string | null;
      address: string | null;
      /** The etag after the write; null where the server does not tell it. */
      version: string | null;
      /**
       * Mapped columns in which the row now holds something else than the link expects; null where the server
       * answers no values at all, so that the row is unconfirmed.
       */
      differing: Values | null;
    }
  | { kind: 'failed'; fault: Fault }
  | { kind: 'not-sent'; reason: NotSentReason };

/** The claim has too little time left, the map is being paused, or another version of it is active by now. */
export type NotSentReason = 'claim-expiring' | 'paused' | 'map-version';
