import { array, assert, constant, jsonValue, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocumentedMap } from '../../../../shared/adapters/documented-map/read-documented-map.ts';

const ROW = {
  fo: 'NAME',
  dataverse: 'contoso_name',
  direction: 'bidirectional',
  mapType: '=',
  default: null,
  transform: null,
};
const MAP = {
  fo: { entity: 'ContosoWidgetEntity', label: 'Widgets' },
  dataverse: { table: 'contoso_widgets', label: null, logicalName: null },
  source: 'widgets.md#1',
  fields: [{ ...ROW, fo: 'WIDGETID', dataverse: 'contoso_number' }, ROW],
  filters: {},
  keys: {
    dataverse: ['contoso_number', 'msdyn_company.cdm_companycode'],
    pairs: [{ dataverse: 'contoso_number', fo: 'WIDGETID' }],
  },
  unparsed: [],
};

function read(change: object) {
  return readDocumentedMap(JSON.stringify({ ...MAP, ...change }));
}

function codes(change: object): string[] {
  return read(change)
    .findings.map(({ code, path }) => `${code} ${path}`)
    .filter((each) => !each.startsWith('C11'));
}

function withRow(row: object): object {
  return { fields: [MAP.fields[0], { ...ROW, ...row }] };
}

function fieldOf(row: object) {
  return read(withRow(row)).definition?.fields[1];
}

describe('reading a documented map', () => {
  it('takes names, fields, key and source, and leaves the company to the metadata', () => {
    const { definition, findings } = read({});
    expect(definition).toMatchObject({
      entityLabel: 'Widgets',
      entityName: 'ContosoWidgetEntity',
      tableSet: 'contoso_widgets',
      key: [{ finops: 'WIDGETID', dataverse: 'contoso_number' }],
      note: 'Source: widgets.md#1',
      fields: [
        { finops: 'WIDGETID', dataverse: 'contoso_number', direction: 'both' },
        { finops: 'NAME', dataverse: 'contoso_name', direction: 'both' },
      ],
    });
    expect(findings.map(({ code, path }) => `${code} ${path}`)).toEqual(['C11 keys.dataverse[1]']);
  });

  it.each([
    ['bidirectional', '=', 'both'],
    ['fo-to-dataverse', '>', 'finops-to-dataverse'],
    ['dataverse-to-fo', '<', 'dataverse-to-finops'],
    [undefined, '>', 'finops-to-dataverse'],
    ['bidirectional', undefined, 'both'],
  ])('reads direction %s with symbol %s as %s', (direction, mapType, expected) => {
    expect(fieldOf({ direction, mapType })?.direction).toBe(expected);
  });

  it('takes constants of both sides, and a default for an empty source', () => {
    expect(fieldOf({ fo: null, direction: 'fo-to-dataverse', mapType: '>>', default: '7' })).toEqual({
      finops: null,
      dataverse: 'contoso_name',
      direction: 'finops-to-dataverse',
      transform: { type: 'default', value: '7' },
    });
    expect(fieldOf({ fo: 'none', direction: null, mapType: '>>', transform: 'default: 7' })?.transform).toEqual({
      type: 'default',
      value: '7',
    });
    expect(fieldOf({ dataverse: null, mapType: '<<', direction: 'dataverse-to-fo', default: 'X' })).toMatchObject({
      finops: 'NAME',
      dataverse: null,
    });
  });

  it('keeps the order of the text, which an object with numbers for names does not', () => {
    const row = {
      mapType: '><',
      transform: '`9` : `a`<br>`1` : `a`<br>`` : `b`',
      valueMap: { 1: 'a', 9: 'a', '': 'b' },
    };
    expect(fieldOf(row)?.transform).toEqual({
      type: 'value-map',
      pairs: [
        ['9', 'a'],
        ['1', 'a'],
        ['', 'b'],
      ],
    });
    expect(codes(withRow(row))).toEqual([]);
  });

  it('reads value maps from the text alone, as lists and with values that are no texts', () => {
    const pairs = [
      ['no', 'false'],
      ['yes', 'true'],
    ];
    for (const row of [
      { transform: '`no` : `false`<br/>`yes` : `true`' },
      { valueMap: { no: false, yes: true } },
      {
        valueMap: [
          ['no', false],
          ['yes', true],
        ],
      },
      {
        valueMap: [
          { fo: 'no', dataverse: false },
          { fo: 'yes', dataverse: true },
        ],
      },
    ]) {
      expect(fieldOf({ mapType: '><', ...row })?.transform).toEqual({ type: 'value-map', pairs });
    }
    expect(fieldOf({ mapType: '><', transform: '`1/1/1900` : blank' })?.transform).toEqual({
      type: 'value-map',
      pairs: [['1/1/1900', '']],
    });
  });

  it('takes paths of several hops and polymorphic ones as they are', () => {
    for (const dataverse of ['a.b.c', 'customerid.Account(accountnumber).Contact(msdyn_contactpersonid)']) {
      expect(fieldOf({ dataverse })?.dataverse).toBe(dataverse);
      expect(codes(withRow({ dataverse }))).toEqual([]);
    }
  });

  it.each([
    ['members that it does not know', withRow({ remark: 'x' }), ['C02 fields[1].remark']],
    ['members of the document that it does not know', { owner: 'x' }, ['C02 owner']],
    [
      'a transform that is not told',
      withRow({ mapType: '><', transform: '>< (transform not given in the docs)' }),
      ['C03 fields[1].transform'],
    ],
    [
      'a symbol of a transform without one',
      withRow({ mapType: '>>', direction: 'fo-to-dataverse' }),
      ['C03 fields[1].transform'],
    ],
    ['a direction that contradicts its symbol', withRow({ mapType: '>' }), ['C04 fields[1].mapType']],
    ['a transform of another kind', withRow({ transform: 'concat(A, B)' }), ['C05 fields[1].transform']],
    [
      'a value map that differs from its text',
      withRow({ transform: '`a` : `1`', valueMap: { a: '2' } }),
      ['C06 fields[1].valueMap'],
    ],
    [
      'a default that differs from its text',
      withRow({ transform: 'default: 1', default: '2' }),
      ['C06 fields[1].default'],
    ],
    ['a broken path', withRow({ dataverse: 'a..b' }), ['C07 fields[1].dataverse']],
    ['a polymorphic path that breaks off', withRow({ dataverse: 'a.B(c).d' }), ['C07 fields[1].dataverse']],
    [
      'a filter that depends on the version',
      { filters: { dataverse: '- Version 1.x: None <br>(a)\n- Version 2.x: a eq 1 <br>(b)' } },
      ['C08 filters.dataverse'],
    ],
    ['a filter that does not parse', { filters: { fo: '((A == "b")' } }, ['M06 filters.fo']],
    [
      'a key column that is not mapped',
      { keys: { dataverse: ['contoso_number', 'contoso_colour'] } },
      ['C09 keys.dataverse[1]'],
    ],
    ['rows that the source could not be read for', { unparsed: ['| x |'] }, ['C10 unparsed[0]']],
    ['a value map with a default as well', withRow({ valueMap: { a: '1' }, default: '2' }), ['C12 fields[1].default']],
    ['a direction of no known name', withRow({ direction: 'sideways' }), ['C01 fields[1].direction']],
    ['a row of no column', withRow({ fo: null, dataverse: 'none' }), ['C01 fields[1]']],
    ['a row that is none', { fields: [MAP.fields[0], 7] }, ['C01 fields[1]']],
    ['a member of another type', withRow({ fo: 3 }), ['C01 fields[1].fo']],
    ['a document without fields', { fields: undefined }, ['C01 fields']],
    ['a document without a label', { fo: {} }, ['C01 fo.label']],
  ])('reports %s', (_, change, expected) => {
    expect(codes(change)).toEqual(expected);
  });

  it('goes on after a broken row', () => {
    expect(read({ fields: [7, ...MAP.fields] }).definition?.fields).toHaveLength(2);
  });

  it('takes the filter of the highest version and gives the map that version', () => {
    const { definition } = read({ filters: { dataverse: '- Version 2.x: a eq 1 <br>(b)\n- Version 1.x: None' } });
    expect(definition).toMatchObject({ version: '2.0.0.0', filters: { finops: null, dataverse: 'a eq 1' } });
  });

  it('keeps a filter that does not parse, so that the map is refused', () => {
    expect(read({ filters: { dataverse: 'a eq' } }).definition?.filters.dataverse).toBe('a eq');
  });

  it('reads filters as tables of pages print them', () => {
    const filters = { fo: '`((A == &quot;x&quot;) \\|\\| (B == “y”))`', dataverse: 'a&nbsp;eq 1 <br>and b eq 2' };
    expect(read({ filters })).toMatchObject({
      definition: { filters: { finops: '((A == "x") || (B == "y"))', dataverse: 'a eq 1  and b eq 2' } },
      findings: [{ code: 'C11' }],
    });
  });

  it('names a map by its entity where it has no label', () => {
    expect(read({ fo: { label: null, entity: 'ContosoWidgetEntity' } }).definition?.entityLabel).toBe(
      'ContosoWidgetEntity',
    );
  });

  it('tells variants apart by a word, else by the name of the file', () => {
    const variant = (said: string, file: string): string | undefined =>
      readDocumentedMap(JSON.stringify({ ...MAP, variant: said }), file).definition?.variant;
    expect(variant('without-gab', 'a.json')).toBe('without-gab');
    expect(variant('as it was in 2020', 'a--b.without-gab.json')).toBe('without-gab');
    expect(variant('as it was in 2020', 'a--b.json')).toBe('variant');
  });

  it('never fails, whatever the document holds', () => {
    const member = jsonValue();
    const row = record({
      fo: member,
      dataverse: member,
      direction: member,
      mapType: member,
      default: member,
      transform: member,
      valueMap: member,
    });
    const documents = record({
      fo: oneof(member, constant(MAP.fo)),
      dataverse: oneof(member, constant(MAP.dataverse)),
      fields: array(oneof(row, member)),
      filters: member,
      keys: member,
    });
    assert(
      property(oneof(documents, member), (document) => {
        const { definition, findings } = readDocumentedMap(JSON.stringify(document));
        return definition !== null || findings.length > 0;
      }),
    );
  });

  it('says where a text is no JSON', () => {
    const { definition, findings } = readDocumentedMap('{"fo": ');
    expect(definition).toBeNull();
    expect(findings).toEqual([{ code: 'C01', path: '', message: expect.stringContaining('it is no JSON') }]);
  });
});
