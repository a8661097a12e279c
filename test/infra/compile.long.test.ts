import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { bicep, restoreCompiler, root } from './bicep-compiler.ts';
import { environmentOf, PROFILES, snapshotPath } from './snapshots.ts';

// Each run of the compiler takes seconds, on a busy machine many.
vi.setConfig({ testTimeout: 180_000 });

const missing = restoreCompiler();
const folder = mkdtempSync(join(tmpdir(), 'twinwrite-bicep-'));
const main = join(root, 'infra/main.bicep');
const sources = globSync(['infra/**/*.bicep', 'infra/*.bicepparam'], { cwd: root }).sort();

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(missing !== null)(`the templates, compiled${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('compile without a warning', () => {
    const built = bicep(['build', main, '--outfile', join(folder, 'main.json')]);
    expect(built).toMatchObject({ status: 0, stderr: '' });
  });

  it('are linted without a finding', () => {
    expect(bicep(['lint', main])).toMatchObject({ status: 0, stderr: '' });
  });

  it('are formatted', () => {
    const copy = join(folder, 'formatted');
    for (const source of sources) cpSync(join(root, source), join(copy, source));
    expect(bicep(['format', '--pattern', '**/*.{bicep,bicepparam}'], {}, copy).stderr).toBe('');
    const text = (base: string, source: string): string => readFileSync(join(base, source), 'utf8');
    expect(sources.filter((source) => text(copy, source) !== text(root, source))).toEqual([]);
  });

  it('are refused where a rule of the linter is broken', () => {
    const broken = join(root, 'infra/broken-by-test.bicep');
    writeFileSync(broken, "param unused string\noutput location string = 'westeurope'\n");
    try {
      const built = bicep(['build', broken, '--stdout']);
      expect(built.status).toBe(1);
      expect(built.stderr).toContain('Error no-unused-params');
    } finally {
      rmSync(broken);
    }
  });

  // Renewed with `npm test -- test/infra -u`; the difference is what a reviewer reads.
  it.each(PROFILES)('deploy for %s what its snapshot shows', async (profile) => {
    const parameters = join(root, 'infra/main.bicepparam');
    const written = join(root, 'infra/main.snapshot.json');
    try {
      const made = bicep(
        ['snapshot', parameters, '--mode', 'overwrite', '--deployment-name', 'main', '--location', 'westeurope'].concat(
          ['--subscription-id', '00000000-0000-4000-8000-000000000001'],
          ['--tenant-id', '00000000-0000-4000-8000-000000000002'],
        ),
        environmentOf(profile),
      );
      expect(made).toMatchObject({ status: 0, stderr: '' });
      await expect(inOneOrder(readFileSync(written, 'utf8'))).toMatchFileSnapshot(snapshotPath(profile));
    } finally {
      rmSync(written, { force: true });
    }
  });
});

/** The same deployment as the same text: the compiler writes outputs in an order that changes from run to run. */
function inOneOrder(text: string): string {
  const sorted = JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  }) as { predictedResources: { id: string }[] };
  sorted.predictedResources.sort((one, other) => (one.id < other.id ? -1 : 1));
  return `${JSON.stringify(sorted, null, 2)}\n`;
}
