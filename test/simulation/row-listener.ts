import type { Fault } from '../../shared/core/fault/fault.ts';
import type { CompiledMap } from '../../shared/core/map/compiled-map.ts';
import type { CanonicalValue } from '../../shared/core/record/canonical-value.ts';
import type { Side } from '../../shared/core/record/side.ts';
import type { RowWrite } from '../../shared/ports/record-store.ts';
import type { SimulatedRow } from './simulated-side.ts';

/** Is told what happens to the rows of both sides; `by` is the map whose write it was, null for a person's. */
export interface RowListener {
  /** Item writes whose outcome the caller was not told. */
  unanswered: number;
  inserted(side: Side, row: SimulatedRow, by: CompiledMap | null): void;
  updated(
    side: Side,
    row: SimulatedRow,
    before: Readonly<Record<string, CanonicalValue>>,
    columns: readonly string[],
    by: CompiledMap | null,
  ): void;
  removed(side: Side, row: SimulatedRow, by: CompiledMap | null): void;
  attempted(side: Side, map: CompiledMap, write: RowWrite, refused: Fault | null, late: boolean): void;
  violation(text: string): void;
}
