import type { CallContext } from './call-context.ts';
import { cannotBeNull } from './column-values.ts';
import { fillComputedColumns } from './computed-columns.ts';
import { runPlugins } from './plugin-rules.ts';
import type { RowStore } from './row-store.ts';
import { applyStateRules, refuseInactive, stateColumns } from './state-rules.ts';
import { isReference, randomGuid, type Values } from './stored-value.ts';
import type { DataverseSwitches } from './switches.ts';
import type { ColumnMetadata, Schema, Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { faultCodes, webFault } from './web-fault.ts';

/** One write on one row, kept until the transaction ends and then told to the steps and the listeners. */
export interface RowChange {
  message: 'Create' | 'Update' | 'Delete';
  table: Table;
  before: Row | undefined;
  after: Row | undefined;
  /** Columns in the event's Target: what was sent (after plug-ins), and on Create what the system added. */
  target: Values;
  /** What the caller itself sent, for the parent context. */
  sent: Values;
  /** False for a change the system made because of another one, such as a link removed by a delete. */
  direct: boolean;
  context: CallContext;
}

/** What writing needs of its surroundings. */
export interface WriteScope {
  schema: Schema;
  store: RowStore;
  switches: DataverseSwitches;
  random: () => number;
  /** Receives every change in order; the transaction decides what becomes of them. */
  emit(change: RowChange): void;
}

/** Inserts a row; a client-chosen primary key is honoured. 412 on a duplicate id or alternate key. */
export function createRow(scope: WriteScope, table: Table, sent: Values, context: CallContext): Row {
  const { metadata } = table;
  const values = runPlugins(scope.switches.plugins, table, sent);
  const chosen = values[metadata.primaryIdAttribute];
  const id = typeof chosen === 'string' ? chosen : randomGuid(scope.random);
  if (scope.store.get(metadata.logicalName, id) !== undefined) {
    throw webFault(412, faultCodes.duplicateRecord, 'Cannot insert duplicate key.');
  }
  const target: Values = { ...values };
  for (const column of metadata.columns) addDefault(column, target);
  fillComputedColumns(table, target, {});
  applyStateRules(table, target, undefined);
  Object.assign(target, stampValues(table, context, true), { [metadata.primaryIdAttribute]: id });
  refuseMissing(table, target);
  const row = buildRow(scope, table, id, target, scope.store.nextOrdinal());
  refuseDuplicateKeys(scope.store, table, row);
  scope.store.put(table, row);
  scope.emit({ message: 'Create', table, before: undefined, after: row, target, sent, direct: true, context });
  return row;
}

/** Updates a row. State and status columns run as an update of their own after the others. */
export function updateRow(
  scope: WriteScope,
  table: Table,
  row: Row,
  sent: Values,
  context: CallContext,
  direct = true,
): Row {
  const state: Values = {};
  const plain: Values = {};
  for (const [name, value] of Object.entries(sent)) (stateColumns.has(name) ? state : plain)[name] = value;
  const split = scope.switches.splitStateEvents && Object.keys(state).length > 0 && Object.keys(plain).length > 0;
  const parts = split ? [plain, state] : [sent];
  let current = row;
  for (const part of parts) current = updatePart(scope, table, current, part, context, direct);
  return current;
}

function updatePart(
  scope: WriteScope,
  table: Table,
  before: Row,
  sent: Values,
  context: CallContext,
  direct: boolean,
): Row {
  if (scope.switches.tablesClosedWhenInactive.includes(table.metadata.logicalName)) refuseInactive(before, sent);
  const target = runPlugins(scope.switches.plugins, table, sent);
  delete target[table.metadata.primaryIdAttribute];
  fillComputedColumns(table, target, before.values);
  applyStateRules(table, target, before);
  Object.assign(target, stampValues(table, context, false), { [table.metadata.primaryIdAttribute]: before.id });
  const after = buildRow(scope, table, before.id, { ...before.values, ...target }, before.ordinal);
  refuseDuplicateKeys(scope.store, table, after);
  scope.store.put(table, after);
  scope.emit({ message: 'Update', table, before, after, target, sent, direct, context });
  return after;
}

/** Deletes a row, and does to the rows that refer to it what their relationship says. */
export function deleteRow(scope: WriteScope, table: Table, row: Row, context: CallContext, direct = true): void {
  const { logicalName } = table.metadata;
  // Gone before its children are looked at, so that rows that refer to each other end.
  scope.store.remove(table, row.id);
  for (const referrer of scope.schema.referrers.get(logicalName) ?? []) {
    const name = referrer.column.logicalName;
    for (const id of scope.store.idsByColumn(referrer.table, name, [row.id])) {
      const child = scope.store.get(referrer.table.metadata.logicalName, id);
      const reference = child?.values[name];
      if (child === undefined || !isReference(reference) || reference.table !== logicalName) continue;
      releaseChild(scope, referrer.table, referrer.column, child, context);
    }
  }
  scope.emit({ message: 'Delete', table, before: row, after: undefined, target: {}, sent: {}, direct, context });
}

function releaseChild(scope: WriteScope, table: Table, column: ColumnMetadata, child: Row, context: CallContext): void {
  switch (column.deleteBehavior ?? 'RemoveLink') {
    case 'Restrict':
      // "Compose HTTP requests and handle errors": CannotDeleteDueToAssociation answers 405.
      throw webFault(
        405,
        faultCodes.associated,
        'The object you tried to delete is associated with another object and cannot be deleted.',
      );
    case 'Cascade':
      deleteRow(scope, table, child, context, false);
      return;
    case 'RemoveLink':
      updatePart(scope, table, child, { [column.logicalName]: null }, context, false);
  }
}

function addDefault(column: ColumnMetadata, target: Values): void {
  if (target[column.logicalName] !== undefined) return;
  if (column.default !== undefined) target[column.logicalName] = column.default;
  // A yes/no column is never empty: its default is No unless the metadata says otherwise.
  else if (column.type === 'Boolean') target[column.logicalName] = false;
}

function stampValues(table: Table, context: CallContext, creating: boolean): Values {
  const user = { table: 'systemuser', id: context.userId };
  const behalf = context.onBehalfOf === null ? null : { table: 'systemuser', id: context.onBehalfOf };
  const at = `${new Date(context.now).toISOString().slice(0, 19)}Z`;
  const stamps: Values = { modifiedon: at, modifiedby: user, modifiedonbehalfby: behalf };
  if (creating) Object.assign(stamps, { createdon: at, createdby: user, createdonbehalfby: behalf });
  const known: Values = {};
  for (const [name, value] of Object.entries(stamps)) {
    // The event carries `modifiedonbehalfby` for every table, documented in its metadata or not.
    if (table.columns.has(name) || name === 'modifiedonbehalfby') known[name] = value;
  }
  return known;
}

function buildRow(scope: WriteScope, table: Table, id: string, values: Values, ordinal: number): Row {
  const version = scope.store.nextVersion();
  const held: Values = {};
  for (const column of table.metadata.columns) {
    const value = values[column.logicalName];
    if (value !== undefined && value !== null) held[column.logicalName] = value;
  }
  if (table.columns.has('versionnumber')) held['versionnumber'] = String(version);
  return { id, version, ordinal, values: held };
}

const systemFilled = new Set(['versionnumber', 'ownerid', 'owningbusinessunit', 'createdby', 'modifiedby']);

function refuseMissing(table: Table, values: Values): void {
  for (const column of table.metadata.columns) {
    if (column.required !== 'SystemRequired' || systemFilled.has(column.logicalName)) continue;
    // "Business required" is a rule of forms: the API does not enforce it.
    if ((values[column.logicalName] ?? null) === null) throw cannotBeNull(column);
  }
}

function refuseDuplicateKeys(store: RowStore, table: Table, row: Row): void {
  for (const key of table.keys) {
    const holder = store.findByKey(table, key, row.values, row.id);
    if (holder === undefined) continue;
    throw webFault(
      412,
      faultCodes.duplicateKey,
      `A record that has the attribute values ${key.columns.join(', ')} already exists. The entity key ${key.name} requires that this set of attributes contains unique values. Select unique values and try again. <Id>${holder.id}</Id>`,
    );
  }
}
