import { describe, expect, it } from 'vitest';
import type { IntendedWrite } from '../../../../shared/core/link/link.ts';
import { compileMap } from '../../../../shared/core/map/compile-map.ts';
import { writtenValues } from '../../../../shared/core/write/intended-writes.ts';
import { planRecord } from '../../../../shared/core/write/plan-record.ts';
import { CUSTOMER_MAP } from '../../../simulation/simulated-maps.ts';
import { ABSENT, aShape, planInput, smallMap, smallTableMap } from '../small-world.ts';

const insert = (pairs: IntendedWrite['pairs'], more: Partial<IntendedWrite> = {}): IntendedWrite => ({
  operation: 'insert',
  rowId: null,
  address: null,
  ifMatch: null,
  pairs,
  extra: {},
  unknown: false,
  refused: false,
  ...more,
});

describe('writtenValues', () => {
  const map = smallMap({ directions: ['finops-to-dataverse', 'both'] });
  const pairs = { a: ['ours', 'theirs'], b: [null, null] } as const;

  it('R12: tells a side its own half, and nothing that does not flow to it', () => {
    expect(writtenValues(map, 'dataverse', insert(pairs, { operation: 'update' }))).toEqual({ a: 'theirs', b: null });
    expect(writtenValues(map, 'finops', insert(pairs, { operation: 'update' }))).toEqual({ B: null });
  });

  it('leaves empty values out of inserts, and adds what birth needs besides', () => {
    expect(writtenValues(map, 'dataverse', insert(pairs, { extra: { kind: '3' } }))).toEqual({
      a: 'theirs',
      kind: '3',
    });
  });
});

describe('inserts', () => {
  it('carry the constants of their side and the company that no field maps', () => {
    const values = { dataAreaId: 'usmf', Account: 'C1', Name: 'Contoso', Kind: 'organization' };
    const row = { id: 'f1', address: 'f1', version: '1', values };
    const plan = planRecord(
      planInput({ finops: { state: 'in', row }, dataverse: ABSENT }, { map: CUSTOMER_MAP, key: 'usmf|c1' }),
    );
    const write = plan.kind === 'write' ? plan.link.intent?.writes.dataverse : undefined;
    expect(write === undefined ? null : writtenValues(CUSTOMER_MAP, 'dataverse', write)).toEqual({
      'company.code': 'usmf',
      number: 'C1',
      name: 'Contoso',
      kindcode: '3',
    });
  });

  it('wait for a person when a value has no form on the other side', () => {
    const shape = aShape({}, { a: { kind: 'integer' } });
    const map = compileMap(smallTableMap(), { finops: aShape(), dataverse: shape });
    const row = { id: 'f1', address: 'f1', version: '1', values: { Key: 'k1', A: 'twelve', Kind: 'in' } };
    const plan = planRecord(planInput({ finops: { state: 'in', row }, dataverse: ABSENT }, { map }));
    expect(plan).toMatchObject({
      kind: 'settled',
      outcome: 'waiting',
      wait: { reason: 'mapping', fault: { code: 'TW302', field: 'a' } },
    });
  });
});
