import type { Reopening } from '../link/link.ts';
import type { CompiledMap } from '../map/compiled-map.ts';
import type { Values } from '../record/canonical-value.ts';
import type { RowState } from '../record/row.ts';
import type { Side } from '../record/side.ts';

const STATE = 'statecode';

/**
 * What has to go before and after an update of a row whose table refuses edits of inactive rows: it is made active,
 * edited, and closed again, unless it is told to be active from now on. `told` are all values of the update. A row
 * closed again has the status reason it had; state and reason always go together. Undefined where the update goes as
 * it is: the table takes such edits, the row is active and stays so, or nothing but its state changes.
 */
export function reopeningFor(map: CompiledMap, side: Side, state: RowState, told: Values): Reopening | undefined {
  const { reopening } = map.sides[side];
  if (reopening === null || (state.state !== 'in' && state.state !== 'outside')) return undefined;
  if (Object.keys(told).every((column) => column in reopening)) return undefined;
  const held = only(reopening, state.row.values);
  const next = only(reopening, told);
  const isActive = held[STATE] === reopening[STATE];
  const staysActive = (next[STATE] ?? held[STATE]) === reopening[STATE];
  if (isActive) return staysActive ? undefined : { before: null, after: next };
  if (staysActive) return { before: { ...reopening, ...next }, after: null };
  // Another state that is told without a reason gets the server's: the old reason may not belong to it.
  const keepsReason = next[STATE] === undefined || next[STATE] === held[STATE];
  return { before: reopening, after: keepsReason ? { ...held, ...next } : next };
}

function only(columns: Values, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([column]) => column in columns));
}
