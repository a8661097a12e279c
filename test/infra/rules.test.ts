import { describe, expect, it } from 'vitest';
import { catalogue, queriesOf } from './alert-rules.ts';
import { ALL_RULES, BREAKAGES } from './breakages.ts';
import { ofType } from './rules.ts';
import { PROFILES, readSnapshot } from './snapshots.ts';

describe.each(PROFILES)('what is deployed for %s', (profile) => {
  const deployment = readSnapshot(profile);

  it.each(Object.entries(ALL_RULES))('%s', (_name, rule) => {
    expect(rule(deployment)).toEqual([]);
  });
});

describe('what the rules rest on', () => {
  it('is a catalogue and queries that were really read', () => {
    expect(catalogue().get('change.written')).toContain('lagMs');
    expect(catalogue().size).toBeGreaterThan(15);
    expect(queriesOf(readSnapshot('prod'))).toHaveLength(16);
  });

  it('differs between profiles where it should', () => {
    expect(ofType(readSnapshot('dev'), 'Microsoft.Network/privateEndpoints')).toEqual([]);
    expect(ofType(readSnapshot('test'), 'Microsoft.DurableTask/schedulers')).toHaveLength(1);
    expect(ofType(readSnapshot('prod'), 'Microsoft.Network/privateEndpoints')).toHaveLength(5);
  });
});

describe('a deployment that', () => {
  it.each(BREAKAGES)('breaks the rule “%s”, because it %s, is refused', (name, _what, breakIt, profile = 'prod') => {
    const deployment = readSnapshot(profile);
    breakIt(deployment);
    expect(ALL_RULES[name]?.(deployment)).not.toHaveLength(0);
  });

  it('is broken here for every rule', () => {
    expect(new Set(BREAKAGES.map(([name]) => name))).toEqual(new Set(Object.keys(ALL_RULES)));
  });
});
