import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const inOrder = (ids: Iterable<string>): string[] =>
  [...new Set(ids)].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));

it('every threat of docs/security.md has a test, and every test that names a threat has its row', () => {
  const rows = [...read('docs/security.md').matchAll(/^\| (S\d+) \|/gm)].map(([, id = '']) => id);
  const tested = globSync('test/**/*.ts', { cwd: root }).flatMap((file) =>
    [...read(file).matchAll(/['"`](S\d+): /g)].map(([, id = '']) => id),
  );
  expect(rows).toEqual(rows.map((_, at) => `S${at + 1}`));
  expect(rows.length).toBeGreaterThan(10);
  expect(inOrder(tested)).toEqual(rows);
});
