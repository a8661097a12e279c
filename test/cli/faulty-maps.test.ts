import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapFilesIn, readMapFile } from '../../cli/map-files.ts';
import { metadataFinder, validateFiles } from '../../cli/map-validate.ts';
import { MAP_CODES } from '../../shared/core/map/map-codes.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/faulty-maps');
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, string[]>;
const metadataOf = metadataFinder(join(FOLDER, 'metadata'));

function findingsOf(name: string): string[] {
  const entry = readdirSync(FOLDER).find((each) => each.replace('.json', '') === name) ?? name;
  const files = mapFilesIn([join(FOLDER, entry)]).map(readMapFile);
  return validateFiles(files, metadataOf).map(({ code, path }) => `${code} ${path}`);
}

describe('the faulty maps', () => {
  it.each(Object.keys(expected))('%s: exactly its code, at its place', (name) => {
    expect(findingsOf(name)).toEqual(expected[name]);
  });

  it('are all told what to expect of them, and cover every rule of maps', () => {
    const names = readdirSync(FOLDER).map((each) => each.replace('.json', ''));
    expect(names.filter((name) => !['expected', 'metadata'].includes(name)).sort()).toEqual(
      Object.keys(expected).sort(),
    );
    const covered = new Set(Object.values(expected).flatMap((findings) => findings.map((each) => each.slice(0, 3))));
    expect(Object.keys(MAP_CODES).filter((code) => code.startsWith('M') && !covered.has(code))).toEqual([]);
  });
});
