import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCustomer, customerKey } from '../../local/demo/customers.ts';
import { waitForRest } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';
import { installMaps } from '../../local/install-maps.ts';
import shipped from '../../maps/sales/customers-v3--accounts.json' with { type: 'json' };

const MAP = shipped.id;
const CLI = join(import.meta.dirname, '../../cli/main.ts');
const PATIENCE_MS = 60_000;
const run = promisify(execFile);

let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ customers: 4 });
  const conflict = { policy: 'finops-wins', fields: { CreditLimit: 'manual' } };
  const map = { ...shipped, version: '1.0.0.9', conflict };
  await installMaps(scene.stack.appUrl, [map]);
}, 60_000);

afterAll(() => scene?.close());

async function twinwrite(...args: string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [CLI, '--url', scene.stack.appUrl, '--json', ...args]);
  return JSON.parse(stdout) as unknown;
}

interface Shown {
  state: string;
  current: [string, string];
  conflict: { id: string; field: string; rule: string; loserValue: string };
}

async function listed(...args: string[]): Promise<Shown[]> {
  return ((await twinwrite('conflicts', 'list', ...args)) as { conflicts: Shown[] }).conflicts;
}

/** A customer that both systems hold, edited in both at once while the app cannot hear of it. */
async function editedTwice(number: string, finops: Record<string, unknown>, dataverse: Record<string, unknown>) {
  const { people, stack } = scene;
  await createCustomer(scene, number);
  await waitForRest(stack, PATIENCE_MS);
  const account = (await people.dataverse.all('account')).find((row) => row['accountnumber'] === number);
  const id = String(account?.['accountid']);
  await twinwrite('maps', 'pause', MAP);
  await people.finops.update('CustomersV3', customerKey(number), finops);
  await people.dataverse.update('account', id, dataverse);
  await waitForRest(stack, PATIENCE_MS);
  await twinwrite('maps', 'resume', MAP);
  await waitForRest(stack, PATIENCE_MS);
  const record = ['--map', MAP, '--record', `usmf|${number.toLowerCase()}`];
  const shown = async () => {
    const customers = await people.finops.all('CustomersV3');
    const customer = customers.find((row) => row['CustomerAccount'] === number);
    const row = (await people.dataverse.all('account')).find((each) => each['accountid'] === id);
    return { customer: customer ?? {}, account: row ?? {} };
  };
  return { record, shown };
}

test('R17: a field with the policy manual waits, the others cross, and the command line decides it', async () => {
  const { record, shown } = await editedTwice(
    'DECIDE-1',
    { CreditLimit: 1_000 },
    { creditlimit: 2_000, description: 'crosses' },
  );
  expect((await shown()).customer).toMatchObject({ CreditLimit: 1_000, SalesMemo: 'crosses' });
  expect((await shown()).account).toMatchObject({ creditlimit: 2_000 });
  const [open] = await listed('--map', MAP);
  expect(open).toMatchObject({ state: 'open', conflict: { field: 'creditlimit', rule: 'manual' } });
  await twinwrite('conflicts', 'resolve', open?.conflict.id ?? '', ...record, '--take', 'dataverse');
  await waitForRest(scene.stack, PATIENCE_MS);
  expect((await shown()).customer).toMatchObject({ CreditLimit: 2_000 });
  expect((await shown()).account).toMatchObject({ creditlimit: 2_000 });
  expect(await listed()).toEqual([]);
  expect(await listed('--map', MAP, '--all')).toMatchObject([{ state: 'decided', conflict: { field: 'creditlimit' } }]);
  expect(await twinwrite('parked', 'list', '--map', MAP)).toEqual([]);
  const { audit } = (await twinwrite('record', ...record)) as { audit: { decisions?: { actor: string }[] }[] };
  expect(audit.find(({ decisions }) => decisions !== undefined)?.decisions).toMatchObject([
    { field: 'creditlimit', actor: 'holder of the function key' },
  ]);
});

test('I5: what a rule decided is undone, and the value that lost is back on both sides', async () => {
  const { record, shown } = await editedTwice('DECIDE-2', { SalesMemo: 'of F&O' }, { description: 'of Dataverse' });
  expect((await shown()).account).toMatchObject({ description: 'of F&O' });
  const conflicts = (await twinwrite('conflicts', 'show', ...record)) as Shown[];
  const decided = conflicts.find(({ conflict }) => conflict.field === 'description');
  expect(decided).toMatchObject({ state: 'resolved', conflict: { rule: 'finops-wins', loserValue: 'of Dataverse' } });
  await twinwrite('conflicts', 'undo', decided?.conflict.id ?? '', ...record);
  await waitForRest(scene.stack, PATIENCE_MS);
  expect((await shown()).customer).toMatchObject({ SalesMemo: 'of Dataverse' });
  expect((await shown()).account).toMatchObject({ description: 'of Dataverse' });
});

test('the command line says what is wrong, in words and by its exit code', async () => {
  const fails = async (...args: string[]) =>
    twinwrite(...args).then(
      () => null,
      (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
    );
  expect(await fails('parked', 'retry')).toMatchObject({ code: 2, said: expect.stringContaining('--record') });
  expect(await fails('conflicts', 'undo', 'none', '--map', MAP, '--record', 'usmf|none')).toMatchObject({ code: 2 });
  expect(await fails('parked', 'list', '--limit', '0')).toMatchObject({
    code: 1,
    said: expect.stringContaining('limit'),
  });
  expect(await fails('maps', 'pause', 'none')).toMatchObject({ code: 3 });
});
