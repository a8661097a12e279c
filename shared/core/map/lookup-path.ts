/** One table that a polymorphic lookup may point to, and its key column. */
interface LookupTarget {
  table: string;
  column: string;
}

/**
 * A Dataverse column as a map names it. `hops` are the lookup columns on the way, outermost first; `column` is the
 * last segment. `targets` is set in the polymorphic form only: the tables in the order in which they are tried.
 */
export interface LookupPath {
  hops: readonly string[];
  column: string;
  targets?: readonly LookupTarget[];
}

const TARGET = /^([A-Za-z_][A-Za-z0-9_]*)\(([A-Za-z_][A-Za-z0-9_]*)\)$/;

/** Parses `name`, `lookup.column`, `a.b.column` and `customerid.Account(accountnumber).Contact(number)`. */
export function parseLookupPath(path: string): LookupPath {
  const [first = '', ...rest] = path.split('.');
  const targets = rest.map((segment) => TARGET.exec(segment));
  const head = targets[0];
  if (head != null) {
    const parsed = targets.flatMap((match) =>
      match ? [{ table: (match[1] ?? '').toLowerCase(), column: match[2] ?? '' }] : [],
    );
    return { hops: [first], column: head[2] ?? '', targets: parsed };
  }
  const column = rest.at(-1);
  return column === undefined ? { hops: [], column: first } : { hops: [first, ...rest.slice(0, -1)], column };
}

/** The column of the row itself that a path begins with; lower case, as events name it. */
export function ownColumn(path: string): string {
  return (path.split('.')[0] ?? '').toLowerCase();
}

/** Whether the path goes through a lookup, so that its value is found in another table. */
export function isLookup(path: string): boolean {
  return path.includes('.');
}
