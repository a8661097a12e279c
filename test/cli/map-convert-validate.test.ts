import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twinwrite-maps-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const DOCUMENTED = {
  fo: { label: 'Widgets' },
  dataverse: { table: 'contoso_widgets' },
  fields: [
    { fo: 'WIDGETID', dataverse: 'contoso_number', direction: 'bidirectional', mapType: '=' },
    { fo: 'KIND', dataverse: 'contoso_kind', mapType: '><', valueMap: { red: '1' } },
  ],
};

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function json(...parameters: string[]): { code: number | null; findings: Record<string, string>[] } {
  const { code, out } = runCli(...parameters, '--json');
  return { code, findings: JSON.parse(out).findings };
}

describe('maps convert and maps validate', () => {
  it('make a map of a documented one that is valid, and marks what was inferred', () => {
    const { code, out } = runCli('maps', 'convert', write('w.json', DOCUMENTED), '--out', join(folder, 'out'));
    expect(out).toContain('warning M21');
    expect(out).toContain('1 maps written');
    expect(code).toBe(0);
    const file = join(folder, 'out/widgets--contoso_widgets.json');
    const map = JSON.parse(readFileSync(file, 'utf8'));
    expect(map.inferred).toEqual([
      expect.stringContaining('entity set'),
      expect.stringContaining('logical name'),
      expect.stringContaining('integration key'),
    ]);
    const checked = json('maps', 'validate', join(folder, 'out'));
    expect(checked.code).toBe(0);
    expect(checked.findings.map((finding) => `${finding['severity']} ${finding['code']} ${finding['path']}`)).toEqual([
      'warning M20 finops.entity',
      'warning M20 dataverse.table',
      'warning M21 inferred[0]',
      'warning M21 inferred[1]',
      'warning M21 inferred[2]',
    ]);
  }, 20_000);

  it('tell all that is wrong at once, with file, path and advice, and fail', () => {
    mkdirSync(join(folder, 'faulty'));
    const map = JSON.parse(readFileSync('maps/finance/currencies--transactioncurrencies.json', 'utf8'));
    write('faulty/a.json', {
      ...map,
      dataverse: { ...map.dataverse, filter: 'a eq' },
      key: [{ finops: 'X', dataverse: 'y' }],
    });
    write('faulty/b.json', { ...map, fields: [{ ...map.fields[0], direction: 'up' }] });
    write('faulty/c.json', '{');
    const { code, findings } = json('maps', 'validate', join(folder, 'faulty'));
    expect(code).toBe(1);
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map((finding) => `${finding['file']?.slice(-6)} ${finding['code']} ${finding['path']}`)).toEqual([
      'a.json M03 key[0]',
      'a.json M06 dataverse.filter',
      'b.json M00 fields[0].direction',
      'c.json M00 ',
    ]);
    expect(errors.every(({ advice }) => (advice ?? '') !== '')).toBe(true);
  }, 20_000);

  it('finds no error in the whole folder: a fitted and a documented form of one map are alternatives', () => {
    const { code, findings } = json('maps', 'validate', 'maps');
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(code).toBe(0);
  });

  it('find no fault with the shipped maps and the metadata beside them, but what the maps leave out', () => {
    const { code, findings } = json('maps', 'validate', 'maps/finance', 'maps/sales');
    expect(code).toBe(0);
    expect(findings.filter(({ severity }) => severity !== 'note').map(({ message }) => message)).toEqual([
      'no entry for Approved of finops',
      'no entry for Confirmed of finops',
      'no entry for None of finops',
    ]);
  }, 20_000);

  it('weigh what rests on an inferred type as a warning, what rests on a documented one as an error', () => {
    const map = JSON.parse(readFileSync('maps/finance/currencies--transactioncurrencies.json', 'utf8'));
    const transform = { type: 'factor', by: '2' };
    const file = write('m.json', { ...map, fields: [map.fields[0], { ...map.fields[1], transform }] });
    const severities = (source: string): string[] => {
      for (const [side, name] of [
        ['finops', 'Currency'],
        ['dataverse', 'transactioncurrency'],
      ] as const) {
        const metadata = JSON.parse(readFileSync(`maps/metadata/${side}/${name}.json`, 'utf8'));
        for (const column of metadata.fields ?? metadata.columns) column.source = source;
        mkdirSync(join(folder, 'metadata', side), { recursive: true });
        write(`metadata/${side}/${name}.json`, metadata);
      }
      const { findings } = json('maps', 'validate', file, '--metadata', join(folder, 'metadata'));
      return findings.filter(({ code }) => code === 'M07').map(({ severity }) => severity ?? '');
    };
    expect(severities('documented')).toEqual(['error']);
    expect(severities('inferred')).toEqual(['warning']);
  }, 20_000);

  it('end with 2 where nothing is there to check', () => {
    const { code, err } = runCli('maps', 'validate', join(folder, 'nowhere'));
    expect(code).toBe(2);
    expect(err).toContain('There is no file or folder');
    expect(runCli('maps', 'validate').code).toBe(2);
  }, 20_000);
});
