import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../shared/core/map/filter/parse-filter.ts';
import { MAP_CODES } from '../../shared/core/map/map-codes.ts';
import { tableMapSchema } from '../../shared/core/map/table-map.ts';
import { validateOffline } from '../../shared/core/map/validate-offline.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/maps.md'), 'utf8');

describe('docs/maps.md', () => {
  it('lists every code with its weight, and no other', () => {
    const listed = [...text.matchAll(/^\| ([CM]\d\d) \| (\w+) \|/gm)].map(([, code, weight]) => `${code} ${weight}`);
    expect(listed.sort()).toEqual(
      Object.entries(MAP_CODES)
        .map(([code, { severity }]) => `${code} ${severity}`)
        .sort(),
    );
  });

  it('shows a map that is valid', () => {
    const example = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const map = tableMapSchema.parse(JSON.parse(example));
    const nothing = { shapes: { finops: null, dataverse: null }, documents: () => false };
    expect(validateOffline(map, nothing).map(({ code }) => code)).toEqual(['M20', 'M20']);
  });

  it('shows filters that parse', () => {
    const rows = text.split('\n').filter((line) => /^\| (?:equal|more|and|text|empty|one of)/.test(line));
    const examples = (column: number): string[] =>
      rows
        .flatMap((row) =>
          [...(row.split(/(?<!\\)\|/)[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, each = '']) => each),
        )
        .map((each) => each.replaceAll('\\|', '|'))
        .filter((each) => !each.includes('…') && each !== '||');
    expect(examples(2).length + examples(3).length).toBeGreaterThan(15);
    for (const filter of examples(2)) expect(() => parseFilter(filter, 'range'), filter).not.toThrow();
    for (const filter of examples(3)) expect(() => parseFilter(filter, 'odata'), filter).not.toThrow();
  });
});
