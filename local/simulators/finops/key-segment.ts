import { exactNumber } from './exact-json.ts';
import { argumentFault, odataFault, routeFault } from './faults.ts';
import { type InputRules, readField, type StoredValue } from './field-input.ts';
import type { Entity, FieldMetadata } from './metadata.ts';

/** A path under `/data`, taken apart: the set, the text between its brackets, and what follows them. */
export interface ResourcePath {
  set: string;
  keyText: string | null;
  /** `$count`, a bound action, or empty text. */
  rest: string;
}

const resourceForm = /^([A-Za-z_$][A-Za-z0-9_]*)(?:\((.*)\))?(?:\/([^/()]+))?$/s;

/**
 * Decodes a path the way the web server does before routing. A slash, backslash or plus that is bare by then splits
 * or changes the segment, which is why such key values must be encoded twice ("D365 F&O, OData, Slashes, Pluses, and
 * Double Encoding"); throws a 404 of the web framework then.
 */
export function parseResourcePath(encoded: string): ResourcePath {
  let once: string;
  try {
    once = decodeURIComponent(encoded);
  } catch {
    throw routeFault(encoded);
  }
  const [, set, keyText, rest] = resourceForm.exec(once) ?? [];
  if (set === undefined || (keyText !== undefined && /[/\\+]/.test(keyText))) {
    throw routeFault(encoded);
  }
  return { set, keyText: keyText ?? null, rest: rest ?? '' };
}

function decodeAgain(text: string, rules: InputRules): string {
  const escapes = rules.switches.keyDecoding === 'all' ? /(?:%[0-9a-f]{2})+/gi : /%(?:2f|5c|2b)/gi;
  return text.replace(escapes, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

const literalForm = /(?:([A-Za-z_]\w*)=)?(?:([A-Za-z_][\w.]*)?'((?:[^']|'')*)'|([^,']+))(?:,|$)/sy;

interface KeyLiteral {
  name: string | null;
  /** Enumeration type before the quotes, or null. */
  qualifier: string | null;
  quoted: string | null;
  bare: string;
}

function splitKeyList(text: string): KeyLiteral[] {
  const literals: KeyLiteral[] = [];
  literalForm.lastIndex = 0;
  while (literalForm.lastIndex < text.length) {
    const at = literalForm.lastIndex;
    const match = literalForm.exec(text);
    if (match === null) {
      throw odataFault(`Bad Request - Error in query syntax at position ${at} of the key list.`);
    }
    const [, name, qualifier, quoted, bare] = match;
    literals.push({
      name: name ?? null,
      qualifier: qualifier ?? null,
      quoted: quoted?.replaceAll("''", "'") ?? null,
      bare: bare?.trim() ?? '',
    });
  }
  return literals;
}

function refusePunctuation(value: string, rules: InputRules): void {
  const found = /[:&#?%]/.exec(value)?.[0];
  if (rules.switches.keyPunctuation === 'refused' && found !== undefined) {
    throw odataFault(`A potentially dangerous Request.Path value was detected from the client (${found}).`);
  }
}

/** Reads a typed OData literal, as keys and filters share them; throws a 400 fault on a literal of another type. */
export function readLiteral(literal: Omit<KeyLiteral, 'name'>, field: FieldMetadata, rules: InputRules): StoredValue {
  const { qualifier, quoted, bare } = literal;
  const mismatch = odataFault(`The literal given for '${field.name}' does not fit the type of the property.`);
  switch (field.type) {
    case 'String':
      if (quoted === null || qualifier !== null) {
        throw mismatch;
      }
      return field.name === 'dataAreaId' ? quoted.toLowerCase() : quoted;
    case 'Enum':
      if (quoted === null || qualifier !== `Microsoft.Dynamics.DataEntities.${field.enum ?? ''}`) {
        throw mismatch;
      }
      return readField(quoted, field, rules);
    case 'Int32':
    case 'Int64':
    case 'Real':
      if (!/^-?\d+(\.\d+)?$/.test(bare)) {
        throw mismatch;
      }
      return readField(exactNumber(bare.replace(/^(-?)0+(?=\d)/, '$1')), field, rules);
    case 'Date':
    case 'UtcDateTime':
    case 'Guid':
      if (quoted !== null) {
        throw mismatch;
      }
      return readField(bare, field, rules);
  }
}

/** The key values in the order of the metadata; names may come in any order, one unnamed value fits a single key. */
export function readKey(keyText: string, entity: Entity, rules: InputRules): StoredValue[] {
  const literals = splitKeyList(decodeAgain(keyText, rules));
  const given = new Map<string, KeyLiteral>();
  for (const literal of literals) {
    const name = literal.name ?? (literals.length === 1 ? entity.keys[0]?.name : undefined);
    if (name === undefined || !entity.keys.some((key) => key.name === name) || given.has(name)) {
      throw odataFault(`The key list of ${entity.metadata.entitySetName} names no key property '${name ?? ''}'.`);
    }
    given.set(name, literal);
  }
  if (given.size < entity.keys.length) {
    const names = entity.keys.map((key) => key.name).join(',');
    throw argumentFault(
      `Only ${given.size} of ${entity.keys.length} keys provided for lookup, provide keys for ${names}.`,
    );
  }
  return entity.keys.map((field) => {
    const literal = given.get(field.name) as KeyLiteral;
    refusePunctuation(literal.quoted ?? '', rules);
    return readLiteral(literal, field, rules);
  });
}

function writeKeyValue(field: FieldMetadata, value: string): string {
  const quoted = `'${encodeURIComponent(value.replaceAll("'", "''").replace(/[/\\+%]/g, encodeURIComponent))}'`;
  switch (field.type) {
    case 'String':
      return quoted;
    case 'Enum':
      return `Microsoft.Dynamics.DataEntities.${field.enum ?? ''}${quoted}`;
    case 'Date':
      return `${value === '' ? '1900-01-01' : value}T12:00:00Z`;
    case 'UtcDateTime':
      return value === '' ? '1900-01-01T00:00:00Z' : value;
    case 'Int32':
    case 'Int64':
    case 'Real':
    case 'Guid':
      return value;
  }
}

/** The canonical key list of a row for Location headers: quotes doubled, separators encoded twice. */
export function writeKey(key: readonly StoredValue[], entity: Entity): string {
  return entity.keys.map((field, index) => `${field.name}=${writeKeyValue(field, String(key[index] ?? ''))}`).join(',');
}
