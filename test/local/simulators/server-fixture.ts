import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  type RunningSimulators,
  type SimulatorServerOptions,
  startSimulators,
} from '../../../local/simulators/server.ts';

const metadataDirectory = join(import.meta.dirname, '../../../maps/metadata');
const businessEvents = [
  { businessEventId: 'CustGroupChanged', entity: 'CustomerGroup', members: { Group: 'CustomerGroupId' } },
];

/** One event that the subscriber received. */
export interface Received {
  url: string;
  key: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

let directory = '';
let receiver: Server;

/** What the subscriber of the running test received, oldest first. */
export const received: Received[] = [];

let running: RunningSimulators[] = [];

/** Starts simulators on a free port; they are closed after the test. */
export async function start(more: Partial<SimulatorServerOptions> = {}): Promise<RunningSimulators> {
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const webhooks = { dataverseUrl: `${hook}/dataverse`, finopsUrl: `${hook}/finops`, key: 'secret' };
  const simulators = await startSimulators({
    port: 0,
    metadataDirectory,
    webhooks,
    randomSeed: 3,
    businessEvents,
    ...more,
  });
  running.push(simulators);
  return simulators;
}

/** A fresh token. */
export async function tokenOf({ url }: RunningSimulators): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'app', client_secret: 's' });
  const response = await fetch(`${url}/token`, { method: 'POST', body: form });
  const answer = (await response.json()) as { access_token: string; expires_in: number };
  expect(answer.expires_in).toBeGreaterThan(0);
  return answer.access_token;
}

/** Calls with a token. */
export async function caller(simulators: RunningSimulators) {
  const token = await tokenOf(simulators);
  return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${simulators.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

/** Calls the control API. */
export async function control(
  simulators: RunningSimulators,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return fetch(`${simulators.url}/sim/api/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Waits for a condition, two seconds at most. */
export async function until(condition: () => boolean): Promise<void> {
  for (let index = 0; index < 200 && !condition(); index += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

/** A folder of the running test. */
export function workFolder(): string {
  return directory;
}

/** Starts a subscriber before and closes everything after each test of the file. */
export function runServers(): void {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'simulators-'));
    received.length = 0;
    receiver = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        received.push({
          url: request.url ?? '',
          key: request.headers['x-twinwrite-key']?.toString(),
          body: JSON.parse(text),
        });
        response.writeHead(202).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const simulators of running) await simulators.close();
    running = [];
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });
}

/** A Dataverse set that needs no other rows. */
export const companies = '/dataverse/api/data/v9.2/cdm_companies';
