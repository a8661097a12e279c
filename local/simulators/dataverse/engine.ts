import type { CallContext } from './call-context.ts';
import type { RowStore } from './row-store.ts';
import type { WriteScope } from './row-writes.ts';
import type { DataverseSwitches, Privilege } from './switches.ts';
import type { Schema, Table } from './table-metadata.ts';
import { faultCodes, webFault } from './web-fault.ts';

/** The parts that every request handler works with. */
export interface Engine {
  schema: Schema;
  store: RowStore;
  switches: DataverseSwitches;
  writes: WriteScope;
  /** Runs the work as one transaction; its changes are told to steps and listeners after it succeeded. */
  transact<T>(work: () => T): T;
}

/** One request (or part of a batch) with its address made relative to the service root. */
export interface EntityRequest {
  method: string;
  /** Decoded, relative to the service root, without the query. */
  address: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
  context: CallContext;
  /** Addresses of earlier parts of the change set, by Content-ID. */
  references: Map<string, string>;
  /** Makes any form of address decoded and relative to the service root. */
  relative(address: string): string;
}

/** 403 with `0x80040220` when the caller's role lacks the privilege. */
export function demandPrivilege(engine: Engine, context: CallContext, table: Table, privilege: Privilege): void {
  const { logicalName, schemaName } = table.metadata;
  const denied = engine.switches.deniedPrivileges.some(
    (rule) =>
      rule.userId === context.userId &&
      (rule.table === logicalName || rule.table === '*') &&
      rule.privilege === privilege,
  );
  if (!denied) return;
  throw webFault(
    403,
    faultCodes.privilege,
    `Principal user (Id=${context.userId}, type=8) is missing prv${privilege}${schemaName} privilege for entity '${logicalName}'.`,
  );
}
