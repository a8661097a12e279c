/** How bad a finding is: a map with an error does not run; a warning should be looked at; a note only tells. */
export type Severity = 'error' | 'warning' | 'note';

/** A finding's place, weight and remedy. `path` leads into the document: `fields[3].transform`. */
export interface Finding {
  code: MapCode;
  path: string;
  message: string;
}

interface CodeText {
  severity: Severity;
  advice: string;
}

/**
 * Everything that can be said of a map document.
 * M: the map itself. M00 no map document, M01 unknown column, M02 column mapped twice, M03 key column not mapped, M04
 * key column one way in a two-way map, M05 company on one side only, M06 filter, M07 transform, M08 conflict policy, M09
 * row without a column, M10 deactivation, reopening and merging, M11 two-way field whose transform has no way back, M12
 * read-only column written, M13 mandatory column not written, M14 F&O field written twice, M15 pair listed twice, M16
 * pair never used, M17 kinds of columns, M18 constant against filter, M19 key of an event, M20 no metadata, M21 something
 * inferred, M22 filters of two maps, M23 no map for a lookup, M24 key that changes, M25 digits lost, M26 values without an
 * entry, M27 key that is not unique, M28 key pair twice, M29 version of a map twice, M30 direction of a constant, M31 lookup by part of a key, M32
 * number sequence, M33 match rule. Numbers DIPV… are those of dual-write's own checks
 * ("Dual-write error codes").
 * C: converting or importing one. C01 not the shape of one, C02 unknown member, C03 transform not told, C04 direction
 * against symbol, C05 transform not understood, C06 text against data, C07 no path, C08 filter by version, C09 key column
 * not mapped, C10 part that the source could not be read for, C11 company in the key, C12 two transforms of one row, C13 several versions of one map.
 */
export const MAP_CODES = {
  M00: { severity: 'error', advice: 'Mend the document; docs/maps.md shows its form.' },
  M01: { severity: 'error', advice: 'Name a column that the side has, or take the row out.' },
  M02: { severity: 'error', advice: 'Keep one of the rows that write the column.' },
  M03: { severity: 'error', advice: 'Map the key columns to each other, or take the pair out of the key.' },
  M04: { severity: 'error', advice: 'Let the key field flow both ways, or all fields one way.' },
  M05: { severity: 'error', advice: 'Map entities of companies to tables with a company, global to global.' },
  M06: { severity: 'error', advice: 'Mend the filter; docs/maps.md shows both languages.' },
  M07: { severity: 'error', advice: 'Choose a transform whose values both columns can hold.' },
  M08: { severity: 'error', advice: 'Choose another conflict policy, or name a mapped field.' },
  M09: { severity: 'error', advice: 'Name a column of one side, or take the row out.' },
  M10: { severity: 'error', advice: 'Say in the map which columns make a row inactive, active or merged.' },
  M11: { severity: 'error', advice: 'Let the field flow one way, or use a transform that has a way back.' },
  M12: { severity: 'error', advice: 'Let the field flow the other way, or take it out (DIPV1011).' },
  M13: { severity: 'error', advice: 'Map the column, or give it a constant (DIPV1010, DIPV1031).' },
  M14: { severity: 'warning', advice: 'Let one of the rows flow to Dataverse only (DIPV1023).' },
  M15: { severity: 'warning', advice: 'Take one of the two out (DIPV1029).' },
  M16: { severity: 'warning', advice: 'Take the pair out, or put it first.' },
  M17: { severity: 'warning', advice: 'Give the field a transform, or map another column (DIPV1030).' },
  M18: { severity: 'warning', advice: 'Make constant and filter agree; else the row leaves the map at once.' },
  M19: {
    severity: 'warning',
    advice: 'Name the members that hold the rest of the key; else the event finds no record.',
  },
  M20: {
    severity: 'warning',
    advice: 'Check the map against a system before it runs: its metadata are not known here.',
  },
  M21: { severity: 'warning', advice: 'Confirm what was inferred, then take the line out of `inferred`.' },
  M22: { severity: 'warning', advice: 'Add a condition to the filters by which they exclude each other.' },
  M23: { severity: 'warning', advice: 'Install a map for the table, or see that its rows are there by other means.' },
  M24: { severity: 'warning', advice: 'Choose key columns that keep their value for the life of the row.' },
  M25: { severity: 'note', advice: 'Give the column more digits, or round on purpose.' },
  M26: { severity: 'warning', advice: 'Add the pairs; rows with these values wait with TW301 otherwise.' },
  M27: { severity: 'error', advice: 'Give each value of the key a text of its own.' },
  M28: { severity: 'error', advice: 'Take one of the pairs out.' },
  M29: { severity: 'error', advice: 'Give one of them another id or version, or take it out.' },
  M30: { severity: 'warning', advice: 'Turn the direction round: a constant flows to the side that has the column.' },
  M31: {
    severity: 'warning',
    advice: 'Map the rest of a key of that table through the same lookup (DIPV1015, 1027, 1028).',
  },
  M32: {
    severity: 'error',
    advice:
      'Name a key column that F&O numbers, and a column of its own, unique in F&O, for the id of the Dataverse row.',
  },
  M33: { severity: 'error', advice: 'Name plain two-way fields that tell a record, such as a tax number.' },
  C01: { severity: 'error', advice: 'Mend the source document.' },
  C02: { severity: 'note', advice: 'Nothing to do; it is kept in the map, but means nothing to Twinwrite.' },
  C03: { severity: 'warning', advice: 'Add the transform to the field; the source does not print it.' },
  C04: { severity: 'warning', advice: 'Compare direction and symbol; the direction was taken.' },
  C05: { severity: 'error', advice: 'Write the transform by hand; the field has none now.' },
  C06: { severity: 'warning', advice: 'Compare the two; the structured one was taken.' },
  C07: { severity: 'error', advice: 'Write the path as lookup.column or lookup.Table(column).' },
  C08: { severity: 'warning', advice: 'Compare the filter with the version that is installed.' },
  C09: { severity: 'warning', advice: 'Map the key column, or choose another integration key.' },
  C10: { severity: 'error', advice: 'Add by hand what the source could not be read for.' },
  C11: { severity: 'note', advice: 'Nothing to do; the company comes with the metadata of the table.' },
  C12: { severity: 'error', advice: 'Choose one of the two; a field has one transform.' },
  C13: {
    severity: 'warning',
    advice: 'Import the other version from a solution of its own, if it is the one that runs.',
  },
} as const satisfies Record<string, CodeText>;

export type MapCode = keyof typeof MAP_CODES;

export function severityOf({ code }: Pick<Finding, 'code'>): Severity {
  return MAP_CODES[code].severity;
}
