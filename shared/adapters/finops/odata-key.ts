import type { CompiledMap } from '../../core/map/compiled-map.ts';
import { canonicalValue } from '../../core/record/canonical-value.ts';
import { type RecordKey, recordKeyParts } from '../../core/record/record-key.ts';
import { type FinopsEntity, type FinopsField, literal } from './finops-entity.ts';

/**
 * The key predicate of a row, as in `dataAreaId='usmf',CustomerAccount='US-001'`, from the row's own spelling; null
 * where a key property is missing from the row.
 */
export function keyPredicate(entity: FinopsEntity, row: Readonly<Record<string, unknown>>): string | null {
  const parts: string[] = [];
  for (const field of entity.keys) {
    const part = keyPart(field, row[field.name]);
    if (part === null) return null;
    parts.push(part);
  }
  return parts.join(',');
}

function keyPart(field: FinopsField, wire: unknown): string | null {
  if (wire === undefined || wire === null) return null;
  // Texts stand as the row spells them; an empty key text is a value, too.
  if (field.type.kind === 'text') return `${field.name}=${literal(String(wire), field)}`;
  const value = canonicalValue(wire, field.type);
  const text = value === null ? null : literal(value, field);
  return text === null ? null : `${field.name}=${text}`;
}

/** The predicate that a record's key alone gives; null where the entity's key has other columns than the map's. */
export function predicateOfRecord(entity: FinopsEntity, map: CompiledMap, key: RecordKey): string | null {
  const parts = recordKeyParts(key);
  const columns = map.sides.finops.keyColumns.map((column) => column.toLowerCase());
  const texts = entity.keys.map((field) => {
    const part = parts[columns.indexOf(field.name.toLowerCase())];
    const text = part === undefined ? null : literal(part, field);
    return text === null ? null : `${field.name}=${text}`;
  });
  return texts.includes(null) ? null : texts.join(',');
}

/**
 * A key predicate as a path segment. Slash, backslash and plus are encoded twice, because the web server decodes the
 * path once before the service does; a percent sign only where it would be taken for such an escape.
 */
export function keySegment(predicate: string): string {
  return `(${encodeURIComponent(predicate.toWellFormed().replace(/[/\\+]|%(?=[0-9a-f]{2})/gi, encodeURIComponent))})`;
}

const ETAG = /^(?:W\/)?"(.+)"$/;
const FIRST_PAIR = /^'?\d+,(\d+)/;

/**
 * The RecId of a row's root record, out of its etag: base64 of `RecVersion,RecId` of each data source, the root's
 * first. Null where an environment writes etags in another form.
 */
export function recIdOfEtag(etag: string): string | null {
  const encoded = ETAG.exec(etag)?.[1];
  if (encoded === undefined) return null;
  const recId = FIRST_PAIR.exec(Buffer.from(encoded, 'base64').toString('latin1'))?.[1];
  return recId === undefined || recId === '0' ? null : recId;
}
