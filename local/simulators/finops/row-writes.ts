import { type Caller, canSee, demandCompany, demandPrivilege, type FinopsUser } from './access.ts';
import { applyExtensions, type Extensions } from './extension.ts';
import { noResourcesFault, writeFault } from './faults.ts';
import { emptyValue, type StoredValue } from './field-input.ts';
import type { Entity, Model } from './metadata.ts';
import { sourceOfField } from './metadata.ts';
import { keyOf, type RowStore, type SourceStamp, type StoredRow } from './row-store.ts';
import { dependentLines, duplicateLine, isEmpty, type RowValues, validateRow } from './row-validation.ts';
import type { FinopsSwitches } from './switches.ts';

/** Everything a write touches. */
export interface WriteWorld {
  model: Model;
  store: RowStore;
  switches: FinopsSwitches;
  extensions: Extensions;
  random: () => number;
  now: () => number;
}

/** One row as it was and as it became; the material of events and of the live page. */
export interface RowChange {
  entity: Entity;
  operation: 'create' | 'update' | 'delete';
  before: StoredRow | null;
  after: StoredRow | null;
  changed: string[];
  user: FinopsUser;
}

/** Writes that stand or fall together: events come out only when all of them stand. */
export interface Transaction {
  undo: (() => void)[];
  changes: RowChange[];
}

export function beginTransaction(): Transaction {
  return { undo: [], changes: [] };
}

export function rollBack(transaction: Transaction): void {
  for (const undo of transaction.undo.reverse()) {
    undo();
  }
}

function replaceRow(
  world: WriteWorld,
  transaction: Transaction,
  entity: Entity,
  before: StoredRow | null,
  after: StoredRow | null,
): void {
  const { store } = world;
  if (after === null && before !== null) {
    store.remove(entity, before);
    transaction.undo.push(() => store.put(entity, before));
  } else if (after !== null) {
    store.put(entity, after);
    transaction.undo.push(() => (before === null ? store.remove(entity, after) : store.put(entity, before)));
  }
}

function stampTimes(world: WriteWorld, entity: Entity, values: RowValues, created: boolean): void {
  const at = `${new Date(world.now()).toISOString().slice(0, 19)}Z`;
  for (const field of entity.metadata.fields) {
    if (field.type === 'UtcDateTime' && /^modifieddatetime$/i.test(field.name)) {
      values[field.name] = at;
    }
    if (created && field.type === 'UtcDateTime' && /^createddatetime$/i.test(field.name)) {
      values[field.name] = at;
    }
  }
}

function fillFromSequence(world: WriteWorld, entity: Entity, values: RowValues): void {
  const sequence = entity.metadata.numberSequence;
  if (sequence === undefined || !isEmpty(values[sequence.field])) {
    return;
  }
  const name = `${entity.metadata.name}|${values['dataAreaId'] ?? ''}`;
  do {
    const number = String(world.store.nextInSequence(name)).padStart(sequence.digits, '0');
    values[sequence.field] = `${sequence.prefix}${number}`;
  } while (world.store.find(entity, keyOf(entity, values)) !== undefined);
}

function refuseReadOnly(world: WriteWorld, entity: Entity, names: readonly string[]): void {
  if (names.length > 0 && world.switches.readOnlyFields === 'refused') {
    const lines = names.map((name) => `Warning: Field '${name}' does not allow editing`);
    throw writeFault(entity.metadata.aotName, lines, world.switches.validationStatus);
  }
}

function newStamps(world: WriteWorld, entity: Entity, values: RowValues): SourceStamp[] {
  return entity.sources.map((source) => {
    const unused = source.outerJoined === true && source.fields.every((field) => isUnset(world, entity, field, values));
    return unused ? { recId: 0, recVersion: 0 } : { recId: world.store.nextRecId(source.name), recVersion: 1 };
  });
}

function isUnset(world: WriteWorld, entity: Entity, name: string, values: RowValues): boolean {
  const field = entity.fields.get(name);
  return (
    field === undefined || values[name] === emptyValue(field, { enums: world.model.enums, switches: world.switches })
  );
}

function demandValid(world: WriteWorld, entity: Entity, values: RowValues, checked: ReadonlySet<string>): void {
  const lines = validateRow(world.model, world.store, entity, values, checked);
  if (lines.length > 0) {
    throw writeFault(entity.metadata.aotName, lines, world.switches.validationStatus);
  }
}

/** Inserts a row: defaults, number sequence, extensions, validation, key check. Throws write and access faults. */
export function createRow(
  world: WriteWorld,
  transaction: Transaction,
  entity: Entity,
  given: RowValues,
  user: FinopsUser,
): StoredRow {
  demandPrivilege(user, entity, 'create');
  const rules = { enums: world.model.enums, switches: world.switches };
  const values: RowValues = {};
  const notAllowed: string[] = [];
  for (const field of entity.metadata.fields) {
    const empty = emptyValue(field, rules);
    const value = given[field.name] ?? empty;
    const refused = field.allowEditOnCreate === false && value !== empty;
    values[field.name] = refused ? empty : value;
    if (refused) {
      notAllowed.push(field.name);
    }
  }
  refuseReadOnly(world, entity, notAllowed);
  if (entity.metadata.companySpecific) {
    values['dataAreaId'] = String(values['dataAreaId'] || user.defaultCompany).toLowerCase();
    demandCompany(user, values['dataAreaId']);
  }
  fillFromSequence(world, entity, values);
  const final = applyExtensions(world.extensions, entity, values);
  stampTimes(world, entity, final, true);
  demandValid(world, entity, final, new Set(entity.fields.keys()));
  if (world.store.find(entity, keyOf(entity, final)) !== undefined) {
    throw writeFault(entity.metadata.aotName, [duplicateLine(entity, final)], world.switches.validationStatus);
  }
  const row = { stamps: newStamps(world, entity, final), values: final };
  replaceRow(world, transaction, entity, null, row);
  const changed = Object.keys(final);
  transaction.changes.push({ entity, operation: 'create', before: null, after: row, changed, user });
  return row;
}

/** The row a write by key is about; throws the 400 of F&O when the caller does not see one. */
export function rowForUpdate(
  world: WriteWorld,
  entity: Entity,
  key: readonly StoredValue[],
  caller: Caller,
): StoredRow {
  const row = world.store.find(entity, key);
  if (row === undefined || !canSee(caller, entity, row)) {
    throw noResourcesFault();
  }
  return row;
}

function editableValues(world: WriteWorld, entity: Entity, before: StoredRow, given: RowValues): RowValues {
  const refused: string[] = [];
  const values: RowValues = { ...before.values };
  for (const [name, value] of Object.entries(given)) {
    const field = entity.fields.get(name);
    const differs = field?.isKey === true ? !sameKey(value, values[name]) : value !== values[name];
    if (differs && (field?.isKey === true || field?.allowEdit === false)) {
      refused.push(name);
    } else if (differs) {
      values[name] = value;
    }
  }
  refuseReadOnly(world, entity, refused);
  return values;
}

function sameKey(left: StoredValue, right: StoredValue | undefined): boolean {
  return String(left).toLowerCase() === String(right ?? '').toLowerCase();
}

/** The stamps after a change: a new random RecVersion for each table that changed. */
function nextStamps(world: WriteWorld, entity: Entity, before: StoredRow, sources: ReadonlySet<number>): SourceStamp[] {
  return entity.sources.map((source, index) => {
    const stamp = before.stamps[index] ?? { recId: 0, recVersion: 0 };
    if (!sources.has(index)) {
      return stamp;
    }
    if (stamp.recId === 0) {
      return { recId: world.store.nextRecId(source.name), recVersion: 1 };
    }
    const recVersion = 2 + Math.floor(world.random() * 2_147_483_000);
    return { recId: stamp.recId, recVersion: recVersion === stamp.recVersion ? recVersion + 1 : recVersion };
  });
}

/** Updates a row with the given fields. Throws write and access faults; an unchanged row follows its switch. */
export function updateRow(
  world: WriteWorld,
  transaction: Transaction,
  entity: Entity,
  before: StoredRow,
  given: RowValues,
  user: FinopsUser,
): StoredRow {
  demandPrivilege(user, entity, 'update');
  const values = applyExtensions(world.extensions, entity, editableValues(world, entity, before, given));
  const changed = Object.keys(values).filter((name) => values[name] !== before.values[name]);
  const { unchangedUpdate } = world.switches;
  if (changed.length === 0 && unchangedUpdate === 'nothing') {
    return before;
  }
  demandValid(world, entity, values, new Set(changed));
  stampTimes(world, entity, values, false);
  const sources = new Set(changed.length === 0 ? [0] : changed.map((name) => sourceOfField(entity, name)));
  const after = { stamps: nextStamps(world, entity, before, sources), values };
  replaceRow(world, transaction, entity, before, after);
  if (changed.length > 0 || unchangedUpdate === 'etag-and-event') {
    transaction.changes.push({ entity, operation: 'update', before, after, changed, user });
  }
  return after;
}

/** Deletes a row; throws a write fault while other rows depend on it, and an access fault without the privilege. */
export function deleteRow(
  world: WriteWorld,
  transaction: Transaction,
  entity: Entity,
  before: StoredRow,
  user: FinopsUser,
): void {
  demandPrivilege(user, entity, 'delete');
  const lines =
    world.switches.referencedRows === 'refused' ? dependentLines(world.model, world.store, entity, before) : [];
  if (lines.length > 0) {
    throw writeFault(entity.metadata.aotName, lines, world.switches.validationStatus);
  }
  replaceRow(world, transaction, entity, before, null);
  transaction.changes.push({ entity, operation: 'delete', before, after: null, changed: [], user });
}
