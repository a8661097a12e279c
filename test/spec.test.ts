import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SPEC = readFileSync(join(ROOT, 'docs/spec.md'), 'utf8');
/** Titles stand in tests, and in the contracts that several of them share. */
const TESTED = 'test/**/*.{test,contract}.ts';
const TITLE = /(['"`])((?:[IR]\d+ )*[IR]\d+): (?!\$)/g;

interface Entry {
  id: string;
  text: string;
}

/** The entries of the specification with all that belongs to them. */
function entries(): Entry[] {
  const [, ...sections] = SPEC.split(/^### /m);
  return sections.map((section) => ({ id: section.split(':')[0] ?? '', text: section.split(/^## /m)[0] ?? '' }));
}

/** Ids at the beginning of titles, and the files that have them. */
function idsOfTitles(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of globSync(TESTED, { cwd: ROOT })) {
    for (const [, , ids = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)) {
      for (const id of ids.split(' ')) found.set(id, [...(found.get(id) ?? []), file]);
    }
  }
  return found;
}

function inOrder(ids: Iterable<string>): string[] {
  return [...ids].sort((left, right) => left.localeCompare(right, 'en', { numeric: true }));
}

describe('specification', () => {
  it('has a test for every entry, and an entry for every id that a test claims', () => {
    expect(inOrder(idsOfTitles().keys())).toEqual(inOrder(entries().map(({ id }) => id)));
  });

  it('numbers its entries without gaps or doubles', () => {
    const numbered = (letter: string): string[] => entries().flatMap(({ id }) => (id.startsWith(letter) ? [id] : []));
    for (const letter of ['I', 'R']) {
      expect(numbered(letter)).toEqual(numbered(letter).map((_, index) => `${letter}${index + 1}`));
    }
    expect(numbered('I')).toHaveLength(16);
    expect(numbered('R').length).toBeGreaterThan(10);
  });

  it('says of every entry which files enforce it, and each of them exists', () => {
    for (const { id, text } of entries()) {
      const [, enforced = ''] = /\*\*Enforced by:\*\*([\s\S]*?)(?:\n- |\n\n|$)/.exec(text) ?? [];
      const files = [...enforced.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, file]) => file ?? '');
      expect([id, files.length > 0]).toEqual([id, true]);
      expect([id, files.filter((file) => !existsSync(join(ROOT, file)))]).toEqual([id, []]);
    }
  });

  it('says of every invariant where it ends', () => {
    const silent = entries().filter(({ id, text }) => id.startsWith('I') && !text.includes('**Limits:**'));
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});
