import type { Values } from './stored-value.ts';
import type { ColumnMetadata, Table } from './table-metadata.ts';
import type { Row } from './table-rows.ts';
import { faultCodes, webFault } from './web-fault.ts';

/** The columns whose change runs as an update of its own. */
export const stateColumns = new Set(['statecode', 'statuscode']);

/**
 * Fills and checks state and status: a state brings its default status reason, a status reason its state.
 * Throws 400 with `0x80048408` for a pair that does not belong together.
 */
export function applyStateRules(table: Table, target: Values, before: Row | undefined): void {
  const stateColumn = table.columns.get('statecode');
  if (stateColumn === undefined) return;
  const statusColumn = table.columns.get('statuscode');
  const creating = before === undefined;
  if (!creating && target['statecode'] === undefined && target['statuscode'] === undefined) return;
  if (target['statecode'] === undefined) {
    target['statecode'] =
      stateOf(statusColumn, target['statuscode']) ??
      before?.values['statecode'] ??
      stateColumn.options?.[0]?.value ??
      0;
  }
  if (statusColumn === undefined) return;
  const state = target['statecode'];
  if (target['statuscode'] === undefined) {
    const status = defaultStatus(statusColumn, state);
    if (status !== undefined) target['statuscode'] = status;
    return;
  }
  const needed = stateOf(statusColumn, target['statuscode']);
  if (needed !== undefined && needed !== state) {
    throw webFault(
      400,
      faultCodes.invalidStateOrStatus,
      `${String(target['statuscode'])} is not a valid status code for state code ${table.metadata.schemaName}State.${String(state)} on ${table.metadata.logicalName}.`,
    );
  }
}

/** Some tables take nothing but a new state while a row is inactive. No document names their code: a plug-in's stands in. */
export function refuseInactive(before: Row, sent: Values): void {
  if ((before.values['statecode'] ?? 0) === 0 || Object.keys(sent).every((name) => stateColumns.has(name))) return;
  throw webFault(400, faultCodes.pluginAborted, 'The row is inactive and cannot be edited. Activate it first.');
}

function stateOf(statusColumn: ColumnMetadata | undefined, status: unknown): number | undefined {
  return statusColumn?.options?.find((option) => option.value === status)?.state;
}

function defaultStatus(statusColumn: ColumnMetadata, state: unknown): number | undefined {
  const options = statusColumn.options ?? [];
  return (options.find((option) => option.state === state) ?? options[0])?.value;
}
