import { globSync, readFileSync } from 'node:fs';
import { cruise } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { LAYERS } from './layers.ts';

const FOLDERS = ['functions', 'shared', 'local'];

describe('architecture', () => {
  it('keeps the layers apart, and has seen every module', async () => {
    const { forbidden, options } = LAYERS;
    const result = await cruise(FOLDERS, { ...options, ruleSet: { forbidden }, validate: true } as never);
    if (typeof result.output === 'string') throw new Error('the cruiser answered text');
    const { violations, totalCruised } = result.output.summary;
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(totalCruised).toBeGreaterThan(sources('{functions,shared,local}/**/*.ts').length * 0.9);
    expect(sources('shared/**/*.ts').length).toBeGreaterThan(50);
  });

  it('draws no random number and reads no clock in the pure parts', () => {
    const offenders = sources('shared/{core,pipeline,ports}/**/*.ts').filter((file) =>
      /Math\.random|\bnew Date\b|Date\.now|performance\.now|process\.env/.test(readFileSync(file, 'utf8')),
    );
    expect(offenders).toEqual([]);
  });

  it('reads the environment in one place only', () => {
    const readers = sources('{shared,functions}/**/*.ts').filter((file) =>
      readFileSync(file, 'utf8').includes('process.env'),
    );
    expect(readers.filter((file) => file !== 'shared/config.ts')).toEqual([]);
  });

  it('names no file after nothing', () => {
    const drawers = sources('{shared,functions,local,cli}/**/*.ts').filter((file) =>
      /(^|\/)(utils?|helpers?|common|types?)\.ts$/.test(file),
    );
    expect(drawers).toEqual([]);
  });
});

function sources(pattern: string): string[] {
  return globSync(pattern, { exclude: (name) => name === 'node_modules' });
}
