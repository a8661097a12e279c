import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, property } from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readSolution, writeSolution } from '../../../../shared/adapters/dual-write-solution/read-solution.ts';
import { NotASolutionError } from '../../../../shared/adapters/dual-write-solution/solution-archive.ts';
import type { KnownNames } from '../../../../shared/core/map/map-definition.ts';
import type { TableMap } from '../../../../shared/core/map/table-map.ts';
import { tableMaps } from '../../../support/arbitrary-table-map.ts';

const nothingKnown: KnownNames = { entity: () => null, table: () => null };
const customizations = readFileSync(join(import.meta.dirname, '../../../fixtures/dual-write/customizations.xml'));

function mapsOf(file: Uint8Array, known = nothingKnown): TableMap[] {
  return readSolution(file, known).maps.map(({ map }) => map);
}

function namesOf(map: TableMap): { entityLabel: string; tableSet: string } {
  const leg = map.dualWrite?.['leg'] as { sourceSchema: string; destinationSchema: string } | undefined;
  return { entityLabel: leg?.sourceSchema ?? map.title, tableSet: leg?.destinationSchema ?? map.dataverse.table };
}

describe('reading a dual-write solution', () => {
  it('reports a record whose mapping is broken and reads the others', () => {
    const { maps, broken } = readSolution(customizations, nothingKnown);
    expect(broken).toEqual([
      { record: 'contoso_broken - Broken', problem: expect.stringContaining('its mapping is no JSON') },
    ]);
    expect(maps.map(({ map }) => `${map.id} ${map.version}`)).toEqual([
      'widgets--contoso_widgets 1.0.0.3',
      'widget-groups--contoso_groups 2.1.0.0',
    ]);
  });

  it('takes directions as numbers and as texts, transforms by type and by contract, and constants of both sides', () => {
    const [map] = mapsOf(customizations);
    expect(map?.fields.map(({ dualWrite: _, ...field }) => field)).toEqual([
      { finops: 'WIDGETID', dataverse: 'contoso_number', direction: 'both' },
      { finops: 'GROUPID', dataverse: 'contoso_group.contoso_code', direction: 'both' },
      {
        finops: 'ISBLUE',
        dataverse: 'contoso_blue',
        direction: 'both',
        transform: {
          type: 'value-map',
          pairs: [
            ['no', 'False'],
            ['yes', 'True'],
            ['', 'False'],
          ],
        },
      },
      {
        finops: null,
        dataverse: 'contoso_kind',
        direction: 'finops-to-dataverse',
        transform: { type: 'default', value: '7' },
      },
      {
        finops: 'SOURCE',
        dataverse: null,
        direction: 'dataverse-to-finops',
        transform: { type: 'default', value: 'Dataverse' },
      },
    ]);
    expect(map).toMatchObject({
      publisher: 'contoso',
      finops: { entity: 'Widgets', filter: '(WidgetKind != "X")' },
      dataverse: { table: 'contoso_widget', filter: 'statecode eq 0' },
      key: [{ finops: 'WIDGETID', dataverse: 'contoso_number' }],
    });
  });

  it('names sides and fields as the metadata do, and takes the key from an alternate key', () => {
    const known: KnownNames = {
      entity: ({ entityLabel }) =>
        entityLabel === 'Widgets'
          ? { entitySet: 'WidgetsV2', label: 'Widgets', fields: ['WidgetId', 'GroupId'] }
          : null,
      table: (set) =>
        set === 'contoso_widgets'
          ? {
              logicalName: 'contoso_gadget',
              tableSet: set,
              keys: [['contoso_none'], ['contoso_number', 'contoso_group']],
            }
          : null,
    };
    const { map, inferred } = readSolution(customizations, known).maps[0]!;
    expect(map.finops.entity).toBe('WidgetsV2');
    expect(map.dataverse.table).toBe('contoso_gadget');
    expect(map.key).toEqual([
      { finops: 'WidgetId', dataverse: 'contoso_number' },
      { finops: 'GroupId', dataverse: 'contoso_group.contoso_code' },
    ]);
    expect(inferred).toEqual([]);
  });

  it('says what it inferred', () => {
    expect(readSolution(customizations, nothingKnown).maps[1]?.inferred).toEqual([
      'the entity set of "Widget groups", from its label',
      'the logical name of contoso_groups, from its set name',
      'the integration key, from the names of the fields',
    ]);
  });

  it('takes a zip, and a zip of zips', () => {
    const solution = zipSync({ 'customizations.xml': customizations, 'solution.xml': strToU8('\uFEFF<a/>') });
    expect(mapsOf(solution)).toHaveLength(2);
    expect(mapsOf(zipSync({ 'inner/one.zip': solution, 'two.zip': solution }))).toHaveLength(4);
  });

  it.each([
    ['a text', strToU8('hello')],
    ['broken XML', strToU8('<a><b></a>')],
    ['a damaged zip', strToU8('PK\u0003\u0004 and nothing more')],
    ['a zip of something else', zipSync({ 'readme.txt': strToU8('hello') })],
  ])('refuses %s', (_name, file) => {
    expect(() => readSolution(file, nothingKnown)).toThrow(NotASolutionError);
  });
});

describe('writing a dual-write solution', () => {
  it('keeps every member that it does not know', () => {
    const [map] = mapsOf(customizations);
    const written = unzipSync(writeSolution([map!], namesOf));
    const xml = new TextDecoder().decode(written['customizations.xml']);
    expect(xml).toContain('<inner flag="1">text</inner>');
    expect(xml).toContain('msdyn_dualwriteentitymapid="11111111-2222-3333-4444-555555555555"');
    for (const member of [
      'somethingNew',
      'destinationLookupFieldRelatedEntity',
      '&quot;3&quot;',
      'braces are missing',
    ]) {
      expect(xml).toContain(member);
    }
    expect(new TextDecoder().decode(written['solution.xml'])).toContain('solution="msdyn_DualWriteCore"');
  });

  it('gives maps of a solution back as they were', () => {
    const maps = mapsOf(customizations);
    expect(mapsOf(writeSolution(maps, namesOf))).toEqual(maps);
  });

  it('gives back what a map kept of another source than a solution', () => {
    const [map] = mapsOf(customizations);
    const { dualWrite: _, ...plain } = map!;
    const kept = { ...plain, inferred: ['the key'], dualWrite: { documented: { owner: 'x' } } };
    expect(mapsOf(writeSolution([kept], namesOf))).toEqual([kept]);
  });

  it('gives any map of ours back as it was', () => {
    assert(
      property(tableMaps, (map) => {
        expect(mapsOf(writeSolution([map], namesOf))).toEqual([map]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes up what somebody changed in an exported map, and keeps what dual-write cannot say', () => {
    const [map] = mapsOf(customizations);
    const ours: TableMap = { ...map!, dualWrite: undefined, conflict: { policy: 'manual' } };
    const xml = new TextDecoder().decode(unzipSync(writeSolution([ours], namesOf))['customizations.xml']);
    const changed = xml
      .replace('&quot;sourceField&quot;:&quot;SOURCE&quot;', '&quot;sourceField&quot;:&quot;ORIGIN&quot;')
      .replace('>1.0.0.3<', '>1.0.0.4<');
    const [again] = mapsOf(strToU8(changed));
    expect(again).toMatchObject({ version: '1.0.0.4', conflict: { policy: 'manual' } });
    expect(again?.fields.map((field) => field.finops)).toEqual(['WIDGETID', 'GROUPID', 'ISBLUE', null, 'ORIGIN']);
  });
});
