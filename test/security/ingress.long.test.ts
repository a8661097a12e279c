import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  account,
  accountShows,
  createAccount,
  createCustomer,
  customer,
  customerShows,
  editAccount,
  editCustomer,
} from '../../local/demo/customers.ts';
import { waitForRest } from '../../local/demo/rest.ts';
import { signTag } from '../../shared/adapters/dataverse/write-tag.ts';
import { settingsOf, tablesConnectionOf } from '../end-to-end/app-state.ts';
import { openSecuredScene, post, type SecuredScene } from './secured-stack.ts';

const REST_MS = 60_000;
let scene: SecuredScene;

beforeAll(async () => {
  scene = await openSecuredScene(4);
  await waitForRest(scene.stack, REST_MS);
}, 120_000);

afterAll(() => scene?.close());

const SIDES = ['dataverse', 'finops'] as const;

/** What Dataverse posts when an account was updated. */
function accountUpdated(id: string, more: object = {}): string {
  return JSON.stringify({ MessageName: 'Update', PrimaryEntityName: 'account', PrimaryEntityId: id, ...more });
}

async function rejectedRows(): Promise<number> {
  const connection = tablesConnectionOf(scene);
  const table = TableClient.fromConnectionString(connection, 'rejected', { allowInsecureConnection: true });
  let rows = 0;
  for await (const _ of table.listEntities()) rows += 1;
  return rows;
}

describe('who posts', () => {
  test('S1: a body without a key in use is neither read nor kept, and starts nothing', async () => {
    await createAccount(scene, 'SEC-1', 'Before');
    await customerShows(scene, 'SEC-1', { OrganizationName: 'Before' }, performance.now());
    await waitForRest(scene.stack, REST_MS);
    const accepted = scene.events.all().length;
    const id = String((await account(scene, 'SEC-1'))?.['accountid']);
    const wrong = ['', 'x', `${scene.stack.key}x`, scene.stack.key.slice(0, -1), scene.stack.key.toUpperCase()];
    for (const side of SIDES) {
      for (const key of wrong) expect((await post(scene, side, accountUpdated(id), key)).status).toBe(401);
    }
    expect(await rejectedRows()).toBe(0);
    expect(scene.events.all()).toHaveLength(accepted);
  });

  test('S3: events posted again change nothing, and bring no old value back', async () => {
    await createAccount(scene, 'SEC-3', 'First name');
    await waitForRest(scene.stack, REST_MS);
    const id = String((await account(scene, 'SEC-3'))?.['accountid']);
    const attributes = [{ key: 'name', value: 'First name' }];
    const old = accountUpdated(id, { InputParameters: [{ key: 'Target', value: { Attributes: attributes } }] });
    await editAccount(scene, 'SEC-3', { name: 'Second name' });
    await customerShows(scene, 'SEC-3', { OrganizationName: 'Second name' }, performance.now());
    await waitForRest(scene.stack, REST_MS);
    const writes = scene.writes.byApp().length;
    for (let time = 0; time < 5; time += 1) expect((await post(scene, 'dataverse', old)).status).toBe(202);
    await waitForRest(scene.stack, REST_MS);
    expect(scene.writes.byApp().slice(writes)).toEqual([]);
    expect(await customer(scene, 'SEC-3')).toMatchObject({ OrganizationName: 'Second name' });
  });

  test('S4: a tag that somebody made up does not make an edit pass for ours', async () => {
    await createAccount(scene, 'SEC-4', 'Tagged');
    await waitForRest(scene.stack, REST_MS);
    const id = String((await account(scene, 'SEC-4'))?.['accountid']);
    const echoes = () => scene.events.all().filter(({ event }) => event === 'event.echo').length;
    const before = echoes();
    const secret = settingsOf(scene)['TWINWRITE_TAG_SECRETS'] ?? '';
    const atMs = Date.now();
    const tagged = (tag: string) => {
      const variables = [{ key: 'tag', value: tag }];
      const more = { SharedVariables: variables, OperationCreatedOn: `/Date(${atMs})/` };
      return post(scene, 'dataverse', accountUpdated(id, more));
    };
    const otherRow = signTag('0f8fad5b-d9cb-469f-a165-70867728950e', atMs, secret);
    const anotherDay = signTag(id, atMs - 86_400_000, secret);
    const otherSecret = signTag(id, atMs, `${secret}x`);
    const forged = ['tw2::', 'tw2', `tw2:${id}.${atMs}:${'A'.repeat(10_000)}`, otherRow, anotherDay, otherSecret];
    for (const tag of forged) expect((await tagged(tag)).status).toBe(202);
    await waitForRest(scene.stack, REST_MS);
    expect(echoes()).toBe(before);
    await tagged(signTag(id, atMs, secret));
    await waitForRest(scene.stack, REST_MS);
    expect(echoes()).toBe(before + 1);
  });
});

describe('what is posted', () => {
  test('S8: addresses within an event are called by nobody', async () => {
    const visitors: string[] = [];
    const trap = createServer((request, response) => {
      visitors.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`;
    const id = String((await account(scene, 'SEC-1'))?.['accountid']);
    const links = {
      OrganizationUri: address,
      NotificationUrl: address,
      '@odata.nextLink': `${address}next`,
      'account@odata.bind': `${address}accounts(1)`,
    };
    await post(scene, 'dataverse', accountUpdated(id, links));
    await post(scene, 'finops', JSON.stringify({ BusinessEventId: 'CustomerChanged', EventId: 's8', ...links }));
    await waitForRest(scene.stack, REST_MS);
    trap.close();
    expect(visitors).toEqual([]);
  });

  test('S9: bodies too large, too deep, or hostile are refused in a moment, and the app goes on', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`member${at}`, at])));
    const bodies: [string, number[]][] = [
      ['x'.repeat(1_048_577), [413]],
      [deep, [400]],
      [nested, [400]],
      [many, [400]],
      ['{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}', [400]],
      ['\u0000\uffff{', [400]],
      ['', [400]],
    ];
    for (const side of SIDES) {
      for (const [body, statuses] of bodies) {
        const startedAt = performance.now();
        const { status } = await post(scene, side, body);
        expect([body.slice(0, 20), statuses.includes(status), status]).toEqual([body.slice(0, 20), true, status]);
        expect(performance.now() - startedAt).toBeLessThan(3_000);
      }
    }
    expect(scene.stack.host.restarts()).toBe(0);
    expect((await fetch(`${scene.stack.appUrl}/api/health`)).status).toBe(200);
  });

  test('S10: of what is refused, only sixty beginnings a minute are kept for each sender', async () => {
    const secret = `not JSON ${'personal data '.repeat(1_000)}`;
    await Promise.all(Array.from({ length: 150 }, () => post(scene, 'finops', secret)));
    expect(await rejectedRows()).toBeLessThanOrEqual(2 * 2 * 60);
    const table = TableClient.fromConnectionString(tablesConnectionOf(scene), 'rejected', {
      allowInsecureConnection: true,
    });
    for await (const row of table.listEntities<{ firstBytes: Uint8Array }>()) {
      expect(row.firstBytes.length).toBeLessThanOrEqual(4_096);
    }
  });
});

describe('what rows hold', () => {
  test.each([
    ['a filter', "x' or accountnumber ne '"],
    ['the end of a key', "x')/Microsoft.Dynamics.CRM.Delete('"],
    ['parameters of an address', 'x?$filter=1 eq 1&$top=1#y'],
    ['another path', '../../x/%2e%2e/%00'],
    ['the next part of a batch', 'x\r\n--batch\r\nDELETE /accounts HTTP/1.1\r\n\r\n{}'],
    ['markup', '<script>alert(1)</script>"\'{{7*7}}'],
    ['an expression of a table query', "x' or PartitionKey ne ''"],
  ])('S5: a value that looks like %s is a value like any other, in both directions', async (what, text) => {
    const number = `S5-${what.replaceAll(' ', '').slice(0, 16)}`;
    await createAccount(scene, number, 'Plain');
    await customerShows(scene, number, { OrganizationName: 'Plain' }, performance.now());
    await waitForRest(scene.stack, REST_MS);
    const others = scene.writes.byApp().length;
    await editAccount(scene, number, { description: text });
    await customerShows(
      scene,
      number,
      { SalesMemo: (await account(scene, number))?.['description'] },
      performance.now(),
    );
    await waitForRest(scene.stack, REST_MS);
    expect(scene.writes.byApp().length - others).toBe(1);
    await editCustomer(scene, number, { SalesMemo: `${text}!` });
    const { SalesMemo } = (await customer(scene, number)) ?? {};
    await accountShows(scene, number, { description: SalesMemo }, performance.now());
    expect(String(SalesMemo)).toContain(text.trim());
  });

  test('S6: a key with quotes, slashes and percent signs names its own row and no other', async () => {
    const keys = ["O'X%27", 'A/B+C&D', "' or '1'='1"];
    for (const key of keys) await createCustomer(scene, key);
    await waitForRest(scene.stack, REST_MS);
    const numbers = (await scene.people.dataverse.all('account')).map((row) => row['accountnumber']);
    for (const key of keys) expect(numbers.filter((number) => number === key)).toEqual([key]);
  });
});

describe('what is told', () => {
  test('S11: no secret stands in anything that the app printed, or in an answer', async () => {
    const settings = settingsOf(scene);
    const names = ['TWINWRITE_WEBHOOK_KEYS', 'TWINWRITE_TAG_SECRETS', 'TWINWRITE_CLIENT_SECRET'];
    const secrets = names.map((name) => settings[name] ?? '');
    expect(secrets.filter((secret) => secret.length < 16)).toEqual([]);
    await scene.people.breakSide({ side: 'finops', kind: 'unavailable-503', count: 2 });
    await editAccount(scene, 'SEC-1', { description: 'while F&O was away' });
    await waitForRest(scene.stack, REST_MS);
    const answers = await Promise.all(
      ['/api/health', '/api/metrics', '/api/v1/maps', '/api/v1/parked', '/api/v1/conflicts'].map(async (route) =>
        (await fetch(`${scene.stack.appUrl}${route}`)).text(),
      ),
    );
    const told = [...scene.output, ...answers, await (await post(scene, 'finops', 'x', 'wrong')).text()].join('\n');
    expect(scene.output.length).toBeGreaterThan(50);
    for (const secret of secrets) expect(told).not.toContain(secret);
    expect(told).not.toMatch(/Bearer [\w-]+|eyJ[\w-]{20,}|AccountKey=|SharedAccessKey=/);
  });

  test('S12: an answer to a stranger tells neither paths, nor stacks, nor versions', async () => {
    const answers = [
      await post(scene, 'finops', '{', 'wrong'),
      await post(scene, 'finops', '{'),
      await fetch(`${scene.stack.appUrl}/api/health`),
      await fetch(`${scene.stack.appUrl}/api/none`),
    ];
    for (const answer of answers) {
      const text = `${JSON.stringify([...answer.headers])}${await answer.text()}`;
      expect(text).not.toMatch(/node_modules|at \w+ \(|\.ts:\d+|\/work\/|x-powered-by/i);
    }
  });
});
