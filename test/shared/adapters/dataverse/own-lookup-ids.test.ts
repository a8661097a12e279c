import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { compiled, dataverseOn, finopsOn, must, shippedMap } from '../../../contracts/record-stores.ts';
import { startDataverse, startFinops } from '../../../contracts/simulated-system.ts';

test('R26: a lookup that is read without a path, as that of a merged row to its survivor, tells the id of its row', async () => {
  const [system, other] = await Promise.all([startDataverse(), startFinops()]);
  const dataverse = dataverseOn(system.origin);
  const map = await compiled(shippedMap('sales/customers-v3--accounts'), finopsOn(other.origin), dataverse);
  const side = map.sides.dataverse;
  const wide = {
    ...map,
    sides: { ...map.sides, dataverse: { ...side, columns: [...side.columns, 'parentaccountid'] } },
  };
  const [a, b] = [randomUUID(), randomUUID()];
  await dataverse.api.write([
    { method: 'POST', url: `${dataverse.api.root}accounts`, body: JSON.stringify({ accountid: a, name: 'A' }) },
    {
      method: 'POST',
      url: `${dataverse.api.root}accounts`,
      body: JSON.stringify({ accountid: b, name: 'B', 'parentaccountid@odata.bind': `/accounts(${a})` }),
    },
  ]);
  const row = must(await dataverse.store.readByIds(wide, [b])).get(b);
  expect(row?.values['parentaccountid']).toBe(a);
  await system.stop();
  await other.stop();
});
