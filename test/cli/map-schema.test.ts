import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapSchema } from '../../cli/map-schema.ts';

const file = JSON.parse(readFileSync(join(import.meta.dirname, '../../maps/schema.json'), 'utf8')) as Record<
  string,
  unknown
>;

describe('maps/schema.json', () => {
  it('is the current form of a map (npm run -s twinwrite -- maps schema > maps/schema.json)', () => {
    expect(file).toEqual(mapSchema());
  });

  it('asks for what a map cannot do without, leaves out what has a default, and refuses unknown members', () => {
    expect(file['required']).toEqual(expect.arrayContaining(['id', 'version', 'finops', 'dataverse', 'key', 'fields']));
    expect(file['required']).not.toContain('deleteGuard');
    expect(file['additionalProperties']).toBe(false);
    expect(JSON.stringify(file)).toContain('"newest-wins"');
  });
});
