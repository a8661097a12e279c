import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompiledMap } from '../../../../shared/core/map/compiled-map.ts';
import type { RowWrite } from '../../../../shared/ports/record-store.ts';
import { compiled, dataverseOn, finopsOn, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

let system: Awaited<ReturnType<typeof startDataverse>>;
let other: Awaited<ReturnType<typeof startFinops>>;
let dataverse: ReturnType<typeof dataverseOn>;
let currencies: CompiledMap;

beforeAll(async () => {
  [system, other] = await Promise.all([startDataverse(), startFinops()]);
  dataverse = dataverseOn(system.origin);
  const map = shippedMap('finance/currencies--transactioncurrencies');
  const reopened = { ...map, dataverse: { ...map.dataverse, filter: null, reopenToEdit: true } };
  currencies = await compiled(reopened, finopsOn(other.origin), dataverse);
  system.simulator.switches.tablesClosedWhenInactive = ['transactioncurrency'];
});
afterAll(() => Promise.all([system.stop(), other.stop()]));

const ACTIVE = { statecode: '0', statuscode: '1' };
const CLOSED = { statecode: '1', statuscode: '2' };

/** An edit of a currency that was created and closed. */
async function editOfClosed(code: string): Promise<RowWrite> {
  const rowId = randomUUID();
  const values = { isocurrencycode: code, currencyname: code, currencysymbol: '¤', exchangerate: '1' };
  const row = { key: code, rowId, address: null, ifMatch: null };
  await dataverse.store.write(currencies, [{ ...row, operation: 'insert', values }]);
  const [closed] = await dataverse.store.write(currencies, [{ ...row, operation: 'update', values: CLOSED }]);
  const ifMatch = closed?.kind === 'done' ? closed.version : null;
  return { ...row, ifMatch, operation: 'update', values: { currencyname: 'Edited' } };
}

test('R25: state, values and state again go in one change set, whose answer is the closed row', async () => {
  const edit = await editOfClosed('AAA');
  expect(await dataverse.store.write(currencies, [edit])).toMatchObject([
    { kind: 'failed', fault: { code: 'TW205', message: expect.stringContaining('inactive') } },
  ]);
  const reopened = { ...edit, reopen: { before: ACTIVE, after: CLOSED } };
  expect(await dataverse.store.write(currencies, [reopened])).toMatchObject([
    { kind: 'done', values: { currencyname: 'Edited', ...CLOSED } },
  ]);
});

test('R25: the whole of it is refused under a version that is not the row’s any more', async () => {
  const edit = await editOfClosed('BBB');
  await dataverse.store.write(currencies, [{ ...edit, ifMatch: null, values: ACTIVE }]);
  const reopened = { ...edit, reopen: { before: ACTIVE, after: CLOSED } };
  expect(await dataverse.store.write(currencies, [reopened])).toMatchObject([
    { kind: 'failed', fault: { code: 'TW201' } },
  ]);
});

test('R25: a row that is to stay open is opened with its edit', async () => {
  const edit = await editOfClosed('CCC');
  const values = { ...edit.values, ...ACTIVE };
  const reopened = { ...edit, values, reopen: { before: ACTIVE, after: null } };
  expect(await dataverse.store.write(currencies, [reopened])).toMatchObject([{ kind: 'done', values }]);
});
