import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { account, createAccount, customer, customerShows, editAccount } from '../../local/demo/customers.ts';
import { waitForRest, waitUntilPosted } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';
import { waitUntil } from '../../local/demo/wait-until.ts';

const REST_MS = 60_000;
let scene: Scene;
let client: ServiceBusClient;

beforeAll(async () => {
  scene = await openScene({ customers: 2, directEvents: true });
  client = new ServiceBusClient(scene.stack.broker.connectionString);
  await waitForRest(scene.stack, REST_MS);
}, 120_000);

afterAll(async () => {
  await client?.close();
  await scene?.close();
});

async function post(queue: 'dataverse' | 'finops', ...bodies: unknown[]): Promise<void> {
  const sender = client.createSender(queue);
  await sender.sendMessages(bodies.map((body) => ({ body, contentType: 'application/json' })));
  await sender.close();
}

test('an event that Dataverse puts into its queue crosses, though its webhook was lost', async () => {
  await createAccount(scene, 'DIRECT', 'Before');
  await customerShows(scene, 'DIRECT', { OrganizationName: 'Before' }, performance.now());
  await waitForRest(scene.stack, REST_MS);
  await scene.people.breakSide({ side: 'dataverse', kind: 'lost-webhook', count: 1 });
  await editAccount(scene, 'DIRECT', { name: 'After' });
  await waitUntilPosted(scene.stack, REST_MS);
  await waitForRest(scene.stack, REST_MS);
  expect(await customer(scene, 'DIRECT')).toMatchObject({ OrganizationName: 'Before' });
  const id = String((await account(scene, 'DIRECT'))?.['accountid']);
  await post('dataverse', { MessageName: 'Update', PrimaryEntityName: 'account', PrimaryEntityId: id });
  await customerShows(scene, 'DIRECT', { OrganizationName: 'After' }, performance.now());
});

test('I12: what cannot be used is done with, and holds up nothing in either queue', async () => {
  const unbound = { BusinessEventId: 'WeatherChangedBusinessEvent', EventId: 'direct-1' };
  await post('finops', { nothing: 'known' }, unbound);
  await post('dataverse', 'no JSON at all');
  const counts = () => ['finops', 'dataverse'].map((queue) => scene.stack.broker.counts()[queue]);
  await waitUntil('both queues drained', REST_MS, async () =>
    counts().every((of) => of?.active === 0) ? true : undefined,
  );
  for (const of of counts()) expect(of).toMatchObject({ active: 0, deadLetter: 0 });
  const told = () => scene.events.all().filter(({ event, id }) => event === 'event.unbound' && id === 'direct-1');
  expect(told()).toHaveLength(1);
}, 90_000);
