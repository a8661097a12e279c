/**
 * What a column holds, reduced to what comparing, mapping and writing need. Both systems' metadata are turned into
 * this by their adapters, so that the core knows neither.
 */
export type ColumnType =
  | { kind: 'text'; maxLength?: number; folded?: boolean }
  | { kind: 'integer' }
  | { kind: 'decimal'; scale: number }
  | { kind: 'boolean' }
  | { kind: 'instant' }
  | { kind: 'date' }
  | { kind: 'guid' }
  /** An F&O enum: stored and compared by symbol, whatever its case; `members` lists the symbols by number. */
  | { kind: 'enum'; members?: Readonly<Record<string, number>> }
  /** A Dataverse choice, state or status: stored by number. */
  | { kind: 'option' }
  /** A multi-select choice: the numbers in ascending order, joined by commas. */
  | { kind: 'options' };

/** The kind that a text of unknown origin is taken for. */
export const TEXT: ColumnType = { kind: 'text' };
