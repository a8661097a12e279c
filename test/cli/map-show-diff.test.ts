import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twinwrite-maps-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ACCOUNTS = 'maps/standard/finance/customers-v3--accounts.json';

function parsed(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

describe('maps show and maps diff', () => {
  it('show filters, key, direction and transform of every field', () => {
    const { code, out } = runCli('maps', 'show', ACCOUNTS);
    expect(code).toBe(0);
    expect(out).toContain('account where customertypecode eq 3');
    expect(out).toMatch(/key +CustomerAccount += +accountnumber/);
    expect(out).toMatch(/CreditLimitIsMandatory +>< +msdyn_creditlimitismandatory +no:False yes:True/);
    expect(out).toMatch(/— +>> +customertypecode +default 3/);
    expect(out).toMatch(/PartyType +<< +— +default Organization/);
  }, 20_000);

  it('end with 0 for the same map and 1 for another, and tell the changes', () => {
    expect(runCli('maps', 'diff', ACCOUNTS, ACCOUNTS)).toMatchObject({ code: 0, out: 'The maps do the same.\n' });
    const map = parsed(ACCOUNTS);
    const fields = (map['fields'] as object[]).slice(1);
    const other = join(folder, 'other.json');
    writeFileSync(other, JSON.stringify({ ...map, version: '1.0.0.1', fields }));
    const { code, out } = runCli('maps', 'diff', ACCOUNTS, other);
    expect(code).toBe(1);
    expect(out).toBe('~ version 1.0.0.0 → 1.0.0.1\n- field CustomerAccount = accountnumber both\n');
    expect(runCli('maps', 'diff', ACCOUNTS, join(folder, 'none.json')).code).toBe(2);
  }, 20_000);
});

describe('maps export and maps import', () => {
  it('give every standard map back as it was', () => {
    const zip = join(folder, 'all.zip');
    expect(runCli('maps', 'export', 'maps/standard', '--out', zip)).toMatchObject({ code: 0 });
    const imported = runCli('maps', 'import', zip, '--out', join(folder, 'maps'));
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('122 maps written') });
    for (const application of readdirSync('maps/standard')) {
      for (const name of readdirSync(join('maps/standard', application))) {
        expect(parsed(join(folder, 'maps', name)), name).toEqual(parsed(join('maps/standard', application, name)));
      }
    }
  }, 30_000);

  it('report a broken record, write the others and fail', () => {
    const out = join(folder, 'maps');
    const fixture = 'test/fixtures/dual-write/customizations.xml';
    const { code, out: said } = runCli('maps', 'import', fixture, '--out', out);
    expect(code).toBe(1);
    expect(said).toContain(`error   C01 ${fixture} contoso_broken - Broken: its mapping is no JSON`);
    expect(readdirSync(out).sort()).toEqual(['widget-groups--contoso_groups.json', 'widgets--contoso_widgets.json']);
    expect(runCli('maps', 'validate', out).code).toBe(0);
  }, 20_000);

  it('end with 2 for a file that is no solution', () => {
    const file = join(folder, 'no.zip');
    writeFileSync(file, 'nothing');
    const { code, err } = runCli('maps', 'import', file, '--out', folder);
    expect(code).toBe(2);
    expect(err).toContain('is no solution: it is neither a zip nor XML');
  }, 20_000);
});
