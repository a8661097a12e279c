import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSimulators, startSimulators } from '../../local/simulators/server.ts';
import { createTokenSource } from '../../shared/adapters/http/bearer-token.ts';
import { createClientCredential } from '../../shared/adapters/http/client-credentials.ts';
import { SIDES } from '../../shared/core/record/side.ts';
import { clock, compiled, dataverseOn, finopsOn, must, shippedMap } from './record-stores.ts';

const MAPS = join(import.meta.dirname, '../../maps');
const ids = ['finance', 'sales'].flatMap((application) =>
  readdirSync(join(MAPS, application))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${application}/${name.replace('.json', '')}`),
);

let running: RunningSimulators;
let stores: { finops: ReturnType<typeof finopsOn>; dataverse: ReturnType<typeof dataverseOn> };

beforeAll(async () => {
  const nowhere = 'http://127.0.0.1:9/';
  running = await startSimulators({
    port: 0,
    metadataDirectory: join(MAPS, 'metadata'),
    webhooks: { dataverseUrl: nowhere, finopsUrl: nowhere, key: 'key' },
  });
  const credential = createClientCredential({
    tokenUrl: `${running.url}/token`,
    clientId: 'app',
    clientSecret: 'secret',
    clock,
    timeoutMs: 5_000,
  });
  const token = createTokenSource(credential, 'https://127.0.0.1/.default', clock);
  stores = {
    finops: finopsOn(`${running.url}/finops`, { token }),
    dataverse: dataverseOn(`${running.url}/dataverse`, { token }),
  };
});
afterAll(() => running.close());

test.each(ids)('%s: both systems answer every column and lookup path of the map', async (id) => {
  const map = await compiled(shippedMap(id), stores.finops, stores.dataverse);
  const key = map.sides.finops.keyColumns.map(() => 'none').join('|');
  for (const side of SIDES) {
    expect(must(await stores[side].store.read(map, [{ key, rowId: null }])).size).toBe(0);
  }
});

test('maps for all entities keep within the fifteen lookups that one query may expand', async () => {
  for (const id of ids) {
    const map = await compiled(shippedMap(id), stores.finops, stores.dataverse);
    const lookups = new Set(
      map.sides.dataverse.columns.filter((path) => path.includes('.')).map((path) => path.split('.')[0]),
    );
    expect(lookups.size).toBeLessThanOrEqual(15);
  }
});
