import { describe, expect, it } from 'vitest';
import { seedRows } from '../../../local/seed/believable-company.ts';
import { readTwins } from '../../../local/seed/twin-row.ts';
import { compileConversion } from '../../../shared/core/map/value-transform.ts';
import { canonicalValue } from '../../../shared/core/record/canonical-value.ts';
import type { ColumnType } from '../../../shared/core/record/column-type.ts';
import { readCatalogue } from '../../maps/catalogue-files.ts';

const catalogue = readCatalogue();
const twins = readTwins();

const FINOPS_TYPES: Record<string, ColumnType> = {
  String: { kind: 'text' },
  Int32: { kind: 'integer' },
  Real: { kind: 'decimal', scale: 6 },
  Enum: { kind: 'enum' },
  Date: { kind: 'date' },
};
const DATAVERSE_TYPES: Record<string, ColumnType> = {
  String: { kind: 'text' },
  Memo: { kind: 'text' },
  Lookup: { kind: 'text' },
  Boolean: { kind: 'boolean' },
  Integer: { kind: 'integer' },
  Picklist: { kind: 'option' },
  Money: { kind: 'decimal', scale: 2 },
  Double: { kind: 'decimal', scale: 5 },
  DateTime: { kind: 'date' },
};

/** The value of a mapped column in a seeded Dataverse row; a lookup's is the one in its key reference. */
function seededValue(row: Record<string, unknown>, path: string): unknown {
  const [column = '', segment = ''] = path.split('.');
  if (segment === '') return row[column];
  const reference = row[`${column}@key`] as Record<string, unknown> | undefined;
  return reference?.[/\((\w+)\)/.exec(segment)?.[1] ?? segment];
}

describe('a seeded Dataverse row', () => {
  it('holds for every mapped field what the synchronisation itself makes of the F&O row', () => {
    const differences: string[] = [];
    let compared = 0;
    for (const { entitySet, rows } of seedRows({ customers: 120, seed: 3 }).finops) {
      const entity = catalogue.entities.get(entitySet)!;
      for (const twin of [...twins.values()].filter((candidate) => candidate.map.finops.entity === entitySet)) {
        const table = catalogue.tables.get(twin.map.dataverse.table)!;
        for (const field of twin.map.fields) {
          if (field.finops === null || field.dataverse === null) continue;
          const type = entity.fields.find((candidate) => candidate.name === field.finops)!.type;
          const column = field.dataverse.split('.')[0];
          const dataverseType = table.columns.find((candidate) => candidate.logicalName === column)!.type;
          const types = { finops: FINOPS_TYPES[type]!, dataverse: DATAVERSE_TYPES[dataverseType]! };
          const convert = compileConversion(field.transform, types);
          for (const row of rows) {
            const expected = convert('finops', canonicalValue(twin.complete(row)[field.finops], types.finops));
            const seeded = canonicalValue(seededValue(twin.toDataverse(row), field.dataverse), types.dataverse);
            compared += 1;
            if (!expected.ok || expected.value !== seeded) {
              differences.push(`${twin.map.id} ${field.dataverse}: ${JSON.stringify(expected)} against ${seeded}`);
            }
          }
        }
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(5000);
  });

  it('names parents by their alternate key, with the company of the row and the table where there are several', () => {
    const group = twins.get('customers-v3--accounts')!.toDataverse({ dataAreaId: 'demf', CustomerGroupId: '30' });
    expect(group['msdyn_customergroupid@key']).toEqual({
      msdyn_groupid: '30',
      msdyn_company: { cdm_companycode: 'demf' },
    });
    const person = twins
      .get('cds-contacts-v2-customers--contacts')!
      .toDataverse({ dataAreaId: 'demf', AssociatedContactNumber: 'DE-0001' });
    expect(person['parentcustomerid@key']).toEqual({
      '@table': 'account',
      accountnumber: 'DE-0001',
      msdyn_company: { cdm_companycode: 'demf' },
    });
  });

  it('fills the numbers and enums that F&O fills on insert', () => {
    expect(twins.get('customers-v3--accounts')!.complete({})).toMatchObject({ OnHoldStatus: 'No', CreditLimit: 0 });
  });
});
