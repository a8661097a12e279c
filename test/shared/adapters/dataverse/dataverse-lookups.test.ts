import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allAnswers } from '../../../../shared/adapters/http/batch-sender.ts';
import type { CompiledMap } from '../../../../shared/core/map/compiled-map.ts';
import type { FieldMapping } from '../../../../shared/core/map/table-map.ts';
import type { Values } from '../../../../shared/core/record/canonical-value.ts';
import { recordKey } from '../../../../shared/core/record/record-key.ts';
import type { Row } from '../../../../shared/core/record/row.ts';
import type { RowWrite, RowWriteResult } from '../../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, must, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

const COMPANY = 'msdyn_company.cdm_companycode';
const TERM = 'msdyn_paymenttermid.msdyn_name';

let system: Awaited<ReturnType<typeof startDataverse>>;
let other: Awaited<ReturnType<typeof startFinops>>;
let dataverse: ReturnType<typeof dataverseOn>;
let groups: CompiledMap;
let terms: CompiledMap;

async function mapOf(path: string, change: { fields: string[] }): Promise<CompiledMap> {
  const map = shippedMap(path);
  const added = change.fields.map(
    (dataverse): FieldMapping => ({ finops: map.key[0]?.finops ?? '', dataverse, direction: 'both' }),
  );
  return compiled({ ...map, fields: [...map.fields, ...added] }, finopsOn(other.origin), dataverse);
}

beforeAll(async () => {
  [system, other] = await Promise.all([startDataverse(), startFinops()]);
  dataverse = dataverseOn(system.origin);
  groups = await mapOf('finance/customer-groups--msdyn_customergroups', { fields: [] });
  terms = await mapOf('finance/terms-of-payment--msdyn_paymentterms', { fields: [] });
  for (const code of ['usmf', 'frrt']) await post('cdm_companies', { cdm_companycode: code, cdm_name: code });
});
afterAll(() => Promise.all([system.stop(), other.stop()]));

async function post(set: string, body: object): Promise<void> {
  const { api } = dataverse;
  const [answer] = must(
    allAnswers(await api.write([{ method: 'POST', url: `${api.root}${set}`, body: JSON.stringify(body) }])),
  );
  expect(answer?.status).toBe(204);
}

function insert(key: string[], values: Values): RowWrite {
  const rowId = randomUUID();
  return { key: recordKey(key) ?? '', operation: 'insert', rowId, address: null, ifMatch: null, values };
}

async function written(map: CompiledMap, write: RowWrite): Promise<Extract<RowWriteResult, { kind: 'done' }>> {
  const [result] = await dataverse.store.write(map, [write]);
  if (result?.kind !== 'done') throw new Error(JSON.stringify(result));
  return result;
}

function update(row: Pick<Row, 'id' | 'version'>, key: string[], values: Values): RowWrite {
  const at = { rowId: row.id, address: row.id, ifMatch: row.version };
  return { key: recordKey(key) ?? '', operation: 'update', ...at, values };
}

const term = (company: string, name: string) =>
  insert([company, name], { [COMPANY]: company, msdyn_name: name, msdyn_description: `${name} of ${company}` });
const group = (company: string, name: string, values: Values = {}) =>
  insert([company, name], { [COMPANY]: company, msdyn_groupid: name, msdyn_description: name, ...values });

async function idOf(map: CompiledMap, key: string[]): Promise<string | undefined> {
  const wanted = { key: recordKey(key) ?? '', rowId: null };
  return must(await dataverse.store.read(map, [wanted])).get(wanted.key)?.id;
}

async function boundTerm(groupId: string): Promise<unknown> {
  const path = `msdyn_customergroups(${groupId})?$select=_msdyn_paymenttermid_value`;
  const [answer] = must(await dataverse.api.read([path]));
  return (JSON.parse(answer?.text ?? '{}') as Record<string, unknown>)['_msdyn_paymenttermid_value'];
}

describe('lookups of Dataverse rows', () => {
  test('a lookup is bound to the row of the same company, and reads back as its key', async () => {
    await written(terms, term('usmf', 'Net30'));
    await written(terms, term('frrt', 'Net30'));
    for (const company of ['usmf', 'frrt']) {
      const done = await written(groups, group(company, '10', { [TERM]: 'net30' }));
      expect(done.values).toMatchObject({ [TERM]: 'Net30', [COMPANY]: company });
      expect(await boundTerm(done.rowId ?? '')).toBe(await idOf(terms, [company, 'Net30']));
    }
  });

  test('a hundred rows with lookups cost one call to find the targets, and none once they are known', async () => {
    const fresh = dataverseOn(system.origin);
    must(await fresh.store.read(groups, []));
    const rows = (prefix: string) =>
      Array.from({ length: 100 }, (_, index) => group('usmf', `${prefix}${index}`, { [TERM]: 'Net30' }));
    const before = fresh.client.counts();
    expect((await fresh.store.write(groups, rows('a'))).every(({ kind }) => kind === 'done')).toBe(true);
    const between = fresh.client.counts();
    expect((between['POST'] ?? 0) - (before['POST'] ?? 0)).toBe(2);
    expect((await fresh.store.write(groups, rows('b'))).every(({ kind }) => kind === 'done')).toBe(true);
    expect((fresh.client.counts()['POST'] ?? 0) - (between['POST'] ?? 0)).toBe(1);
  });

  test('a null clears the lookup', async () => {
    const { rowId, version } = await written(groups, group('usmf', '20', { [TERM]: 'Net30' }));
    const done = await written(
      groups,
      update({ id: rowId ?? '', version: version ?? '' }, ['usmf', '20'], { [TERM]: null }),
    );
    expect(done.values).toMatchObject({ [TERM]: null });
  });

  test('a remembered row that was deleted is looked for again, and missing when there is none', async () => {
    const first = await written(terms, term('usmf', 'Short'));
    await written(groups, group('usmf', '30', { [TERM]: 'Short' }));
    const remove = (row: typeof first): RowWrite => ({
      ...update({ id: row.rowId ?? '', version: row.version ?? '' }, ['usmf', 'Short'], {}),
      operation: 'delete',
    });
    await written(terms, remove(first));
    const second = await written(terms, term('usmf', 'Short'));
    const done = await written(groups, group('usmf', '31', { [TERM]: 'Short' }));
    expect(await boundTerm(done.rowId ?? '')).toBe(second.rowId);
    await written(terms, remove(second));
    const [result] = await dataverse.store.write(groups, [group('usmf', '32', { [TERM]: 'Short' })]);
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'TW204', field: TERM } });
  });

  test('a target that appears later is found: only hits are remembered', async () => {
    const late = group('usmf', '40', { [TERM]: 'Later' });
    expect(await dataverse.store.write(groups, [late])).toMatchObject([{ fault: { class: 'missing-reference' } }]);
    await written(terms, term('usmf', 'Later'));
    expect((await written(groups, late)).values).toMatchObject({ [TERM]: 'Later' });
  });

  test('an update whose row is gone is told from one whose target is gone', async () => {
    const gone = update({ id: randomUUID(), version: 'W/"1"' }, ['usmf', '50'], { [TERM]: 'Net30' });
    expect(await dataverse.store.write(groups, [gone])).toMatchObject([{ fault: { class: 'gone', code: 'TW203' } }]);
  });
});

describe('lookups over several columns, hops and tables', () => {
  const BILLING = 'msdyn_billingaccount.accountnumber';
  const BILLING_COMPANY = 'msdyn_billingaccount.msdyn_company.cdm_companycode';
  const GROUP_TERM = 'msdyn_customergroupid.msdyn_paymenttermid.msdyn_name';
  const PARENT = 'parentcustomerid.account(accountnumber).contact(msdyn_contactpersonid)';
  const account = (company: string, number: string, values: Values = {}) =>
    insert([company, number], { [COMPANY]: company, accountnumber: number, name: number, ...values });

  test('columns that share a lookup name its row together, also where an update brings one of them', async () => {
    const map = await mapOf('sales/customers-v3--accounts', { fields: [BILLING_COMPANY] });
    for (const company of ['usmf', 'frrt']) await written(map, account(company, 'B1'));
    await written(map, account('frrt', 'B2'));
    const created = await written(map, account('usmf', 'C1', { [BILLING]: 'B1', [BILLING_COMPANY]: 'frrt' }));
    expect(created.values).toMatchObject({ [BILLING]: 'B1', [BILLING_COMPANY]: 'frrt' });
    const row = { id: created.rowId ?? '', version: created.version ?? '' };
    const changed = await written(map, update(row, ['usmf', 'C1'], { [BILLING]: 'B2' }));
    expect(changed.values).toMatchObject({ [BILLING]: 'B2', [BILLING_COMPANY]: 'frrt' });
  });

  test('a path over two hops is read, and written by looking for the first hop by what it leads to', async () => {
    const map = await mapOf('sales/customers-v3--accounts', { fields: [GROUP_TERM] });
    await written(terms, term('usmf', 'TwoHops'));
    await written(groups, group('usmf', 'hop', { [TERM]: 'TwoHops' }));
    const done = await written(map, account('usmf', 'H1', { [GROUP_TERM]: 'TwoHops' }));
    expect(done.values).toMatchObject({ [GROUP_TERM]: 'TwoHops', 'msdyn_customergroupid.msdyn_groupid': 'hop' });
  });

  test('a polymorphic lookup takes the first listed table that has the row, and can change its table', async () => {
    const accounts = await mapOf('sales/customers-v3--accounts', { fields: [] });
    const contacts = await mapOf('sales/customers-v3--contacts', { fields: [PARENT] });
    await written(accounts, account('usmf', 'P1'));
    const contact = (number: string, values: Values) =>
      insert(['usmf', number], {
        [COMPANY]: 'usmf',
        msdyn_contactpersonid: number,
        lastname: number,
        ...values,
      });
    await written(contacts, contact('P2', {}));
    const child = await written(contacts, contact('P3', { [PARENT]: 'P1' }));
    expect(child.values).toMatchObject({ [PARENT]: 'P1' });
    const row = { id: child.rowId ?? '', version: child.version ?? '' };
    const moved = await written(contacts, update(row, ['usmf', 'P3'], { [PARENT]: 'P2' }));
    expect(moved.values).toMatchObject({ [PARENT]: 'P2' });
    const cleared = await written(
      contacts,
      update({ id: row.id, version: moved.version ?? '' }, ['usmf', 'P3'], { [PARENT]: null }),
    );
    expect(cleared.values).toMatchObject({ [PARENT]: null });
  });

  test('a row that refers to itself is created and bound as a whole, or not at all', async () => {
    const map = await mapOf('sales/customers-v3--accounts', { fields: [] });
    const done = await written(map, account('usmf', 'Self', { [BILLING]: 'self' }));
    expect(done.values).toMatchObject({ accountnumber: 'Self', [BILLING]: 'Self' });
    const results = await dataverse.store.write(map, [
      account('usmf', 'S2', { [BILLING]: 'S2' }),
      account('usmf', 'Self', { [BILLING]: 'Self' }),
    ]);
    expect(results).toMatchObject([
      { kind: 'done', values: { [BILLING]: 'S2' } },
      { kind: 'failed', fault: { class: 'exists' } },
    ]);
  });
});
