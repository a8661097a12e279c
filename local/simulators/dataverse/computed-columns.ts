import type { Values } from './stored-value.ts';
import type { Table } from './table-metadata.ts';

/**
 * Fills the columns that the platform derives itself: a person's full name from its parts, and whether an endpoint
 * has a secret, since the secret cannot be read back.
 */
export function fillComputedColumns(table: Table, target: Values, before: Values): void {
  if (table.columns.has('isauthvalueset') && 'authvalue' in target) {
    target['isauthvalueset'] = target['authvalue'] !== null;
  }
  const parts = ['firstname', 'middlename', 'lastname'].filter((name) => table.columns.has(name));
  if (!table.columns.has('fullname') || !parts.some((name) => name in target)) return;
  const texts = parts.map((name) => target[name] ?? (name in target ? null : before[name]) ?? null);
  const name = texts.filter((text) => text !== null).join(' ');
  target['fullname'] = name === '' ? null : name;
}
