import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountShows, createCustomer, editCustomer } from '../../local/demo/customers.ts';
import { waitForRest } from '../../local/demo/rest.ts';
import { openSecuredScene, type SecuredScene } from './secured-stack.ts';

const SECONDS = 30;
const PER_SECOND = 1_000;
const TICK_MS = 10;
const PATIENCE_MS = 30_000;

let scene: SecuredScene;

beforeAll(async () => {
  scene = await openSecuredScene(4);
  await createCustomer(scene, 'FLOOD');
  await waitForRest(scene.stack, 60_000);
}, 120_000);

afterAll(() => scene?.close());

/** Garbage of every kind: without a key, with a wrong one, and with the right one before a body that is nothing. */
function garbage(agent: Agent, at: number): Promise<number> {
  const route = at % 2 === 0 ? '/api/ingress/dataverse' : '/api/ingress/finops';
  const key = at % 3 === 0 ? scene.stack.key : `wrong-key-of-some-length-${at}`;
  return new Promise((resolve) => {
    const headers = at % 3 === 1 ? {} : { 'x-twinwrite-key': key };
    const sent = request(`${scene.stack.appUrl}${route}`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(`garbage ${at} ${'x'.repeat(at % 500)}`);
  });
}

test(`S10: genuine changes cross while ${PER_SECOND} requests of garbage a second arrive for ${SECONDS} seconds`, async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const answers: Promise<number>[] = [];
  const startedAt = performance.now();
  const flood = async (): Promise<void> => {
    for (let sent = 0; sent < SECONDS * PER_SECOND; ) {
      const due = Math.min(((performance.now() - startedAt) / 1000) * PER_SECOND, SECONDS * PER_SECOND);
      for (; sent < due; sent += 1) answers.push(garbage(agent, sent));
      await sleep(TICK_MS);
    }
  };
  const flooding = flood();
  const crossingsMs: number[] = [];
  for (let edit = 0; performance.now() - startedAt < SECONDS * 1000; edit += 1) {
    const sinceMs = performance.now();
    await editCustomer(scene, 'FLOOD', { SalesMemo: `edit ${edit}` });
    crossingsMs.push(await accountShows(scene, 'FLOOD', { description: `edit ${edit}` }, sinceMs, PATIENCE_MS));
    await sleep(500);
  }
  await flooding;
  const statuses = Object.groupBy(await Promise.all(answers), (status) => String(status));
  agent.destroy();
  const counted = Object.fromEntries(Object.entries(statuses).map(([status, all]) => [status, all?.length]));
  const took = (performance.now() - startedAt) / 1000;
  const slowestMs = Math.max(...crossingsMs).toFixed(0);
  console.log(
    `${answers.length} answers in ${took.toFixed(1)} s`,
    counted,
    `${crossingsMs.length} edits, slowest ${slowestMs} ms`,
  );
  expect(Object.keys(counted).sort()).toEqual(['400', '401']);
  expect(answers).toHaveLength(SECONDS * PER_SECOND);
  expect(took).toBeLessThan(SECONDS * 4);
  expect(crossingsMs.length).toBeGreaterThan(5);
  expect(scene.stack.host.restarts()).toBe(0);
});
