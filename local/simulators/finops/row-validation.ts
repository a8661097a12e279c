import { isExactNumber } from './exact-json.ts';
import { odataFault } from './faults.ts';
import { emptyGuid, type InputRules, readField, type StoredValue } from './field-input.ts';
import type { Entity, EntityReference, FieldMetadata, Model } from './metadata.ts';
import { dataNamespace, entityNamed } from './metadata.ts';
import { folded, keyOf, type RowStore, type StoredRow } from './row-store.ts';

export type RowValues = Record<string, StoredValue>;

/** Reads a request body into stored values; annotations are passed over and unknown properties refused with 400. */
export function readBody(entity: Entity, body: unknown, rules: InputRules): RowValues {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || isExactNumber(body)) {
    throw odataFault('The request body is not a JSON object.');
  }
  const values: RowValues = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.includes('@')) {
      continue;
    }
    const field = entity.fields.get(name);
    if (field === undefined) {
      const type = `${dataNamespace}.${entity.metadata.name}`;
      throw odataFault(
        `The property '${name}' does not exist on type '${type}'. Make sure to only use property names that are defined by the type.`,
      );
    }
    values[name] = readField(value, field, rules);
  }
  return values;
}

export function isEmpty(value: StoredValue | undefined): boolean {
  return value === undefined || value === '' || value === emptyGuid;
}

function tableLabel(entity: Entity): string {
  return entity.metadata.label ?? entity.metadata.name;
}

function missingMandatory(field: FieldMetadata, values: RowValues): string[] {
  return field.isMandatory === true && field.type !== 'Enum' && isEmpty(values[field.name])
    ? [`Warning: Field '${field.name}' must be filled in.`]
    : [];
}

function targetRows(
  store: RowStore,
  target: Entity,
  field: string,
  value: StoredValue,
  company: StoredValue,
): StoredRow | undefined {
  const { companySpecific } = target.metadata;
  const others = target.keys.filter((key) => key.name !== field && key.name !== 'dataAreaId');
  if (others.length === 0 && target.keys.some((key) => key.name === field)) {
    return store.find(target, keyOf(target, { dataAreaId: company, [field]: value }));
  }
  for (const row of store.all(target)) {
    const sameCompany = !companySpecific || row.values['dataAreaId'] === company;
    if (sameCompany && folded(row.values[field] ?? '') === folded(value)) {
      return row;
    }
  }
  return undefined;
}

function brokenReference(
  model: Model,
  store: RowStore,
  entity: Entity,
  reference: EntityReference,
  values: RowValues,
): string[] {
  const value = values[reference.field] ?? '';
  const target = entityNamed(model, reference.entity);
  const own = values[reference.targetField] ?? '';
  const isOwnKey = target?.metadata.name === entity.metadata.name && folded(own) === folded(value);
  if (target === undefined || isEmpty(value) || isOwnKey) {
    return [];
  }
  const found = targetRows(store, target, reference.targetField, value, values['dataAreaId'] ?? '');
  return found === undefined
    ? [
        `Warning: The value '${value}' in field '${reference.field}' is not found in the related table '${tableLabel(target)}'.`,
      ]
    : [];
}

/** Infolog lines of validateField and validateWrite for the given fields; empty when the row may be written. */
export function validateRow(
  model: Model,
  store: RowStore,
  entity: Entity,
  values: RowValues,
  checked: ReadonlySet<string>,
): string[] {
  const lines: string[] = [];
  for (const field of entity.metadata.fields) {
    if (checked.has(field.name)) {
      lines.push(...missingMandatory(field, values));
    }
  }
  for (const reference of entity.metadata.references ?? []) {
    if (checked.has(reference.field)) {
      lines.push(...brokenReference(model, store, entity, reference, values));
    }
  }
  if (lines.length > 0) {
    const root = entity.sources[0]?.name ?? entity.metadata.aotName;
    lines.push(`Warning: validateWrite failed on data source '${root} (${root})'`);
  }
  return lines;
}

/** The Infolog line of a duplicate key; the database finds it last, after all validation. */
export function duplicateLine(entity: Entity, values: RowValues): string {
  const root = entity.sources[0]?.name ?? entity.metadata.aotName;
  const key = entity.keys.filter(({ name }) => name !== 'dataAreaId').map(({ name }) => `${name}: ${values[name]}`);
  return `Info: Cannot create a record in ${tableLabel(entity)} (${root}). ${key.join(', ')}.\nThe record already exists.`;
}

/** Infolog lines that keep a row from being deleted while restricted relations point at it. */
export function dependentLines(model: Model, store: RowStore, entity: Entity, row: StoredRow): string[] {
  const lines: string[] = [];
  for (const other of model.entities) {
    for (const reference of other.metadata.references ?? []) {
      if (entityNamed(model, reference.entity) === entity && hasDependent(store, other, reference, row, entity)) {
        lines.push(
          `Warning: ${tableLabel(entity)} cannot be deleted while dependent ${tableLabel(other)} exist. Delete dependent ${tableLabel(other)} and try again`,
        );
      }
    }
  }
  return lines;
}

function hasDependent(
  store: RowStore,
  other: Entity,
  reference: EntityReference,
  row: StoredRow,
  entity: Entity,
): boolean {
  const value = row.values[reference.targetField] ?? '';
  if (isEmpty(value)) {
    return false;
  }
  const withinCompany = entity.metadata.companySpecific && other.metadata.companySpecific;
  for (const candidate of store.all(other)) {
    const sameCompany = !withinCompany || candidate.values['dataAreaId'] === row.values['dataAreaId'];
    if (sameCompany && candidate !== row && folded(candidate.values[reference.field] ?? '') === folded(value)) {
      return true;
    }
  }
  return false;
}
