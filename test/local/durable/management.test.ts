import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOrchestrationHost } from './orchestration-host.ts';

type Opened = Awaited<ReturnType<typeof openOrchestrationHost>>;

describe('management, entities and clients', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openOrchestrationHost();
  });
  afterAll(() => opened.host.stop());

  test('terminate ends an instance with its reason', async () => {
    const id = await opened.start('approval', 60_000);
    expect((await opened.post(`instances/${id}/terminate?reason=enough`)).status).toBe(202);
    const end = await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Terminated');
    expect(end.output).toBe('enough');
    expect((await opened.post(`instances/${id}/terminate?reason=again`)).status).toBe(410);
  });

  test('a suspended instance hears nothing until it is resumed', async () => {
    const id = await opened.start('approval', 60_000);
    await opened.post(`instances/${id}/suspend?reason=wait`);
    await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await opened.post(`instances/${id}/raiseEvent/approval`, 'kept');
    await opened.host.idle();
    expect(await opened.status(id)).toMatchObject({ runtimeStatus: 'Suspended' });
    await opened.post(`instances/${id}/resume?reason=go`);
    const end = await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect(end.output).toEqual({ answer: 'kept' });
  });

  test('status, list, purge and restart answer as documented', async () => {
    await opened.run('helloSequence');
    const id = await opened.start('helloSequence');
    await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect((await fetch(`${opened.management}/instances/${id}`)).status).toBe(200);
    expect((await fetch(`${opened.management}/instances/none`)).status).toBe(404);
    const listed = await fetch(`${opened.management}/instances/?runtimeStatus=Completed&instanceIdPrefix=hello&top=1`);
    expect(await listed.json()).toHaveLength(1);
    expect(listed.headers.get('x-ms-continuation-token')).toBe('1');
    const running = await opened.start('approval', 60_000);
    const pending = await fetch(`${opened.management}/instances/${running}`);
    expect([pending.status, pending.headers.get('retry-after')]).toEqual([202, '5']);
    expect((await opened.post(`orchestrators/approval/${running}`, 1)).status).toBe(409);
    const again = (await (await opened.post(`instances/${id}/restart`)).json()) as { id: string };
    await opened.settled(again.id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    const purge = await fetch(`${opened.management}/instances/${id}`, { method: 'DELETE' });
    expect(await purge.json()).toEqual({ instancesDeleted: 1 });
    expect((await fetch(`${opened.management}/instances/${id}`)).status).toBe(404);
    await opened.post(`instances/${running}/terminate?reason=end`);
  });

  test('rewinding runs the failed activity again, goes on, and refuses what has not failed', async () => {
    const id = await opened.start('flakyOnce');
    await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Failed');
    expect((await opened.post(`instances/${id}/rewind?reason=again`)).status).toBe(202);
    const end = await opened.settled(id, ({ runtimeStatus }) => ['Completed', 'Failed'].includes(runtimeStatus));
    expect(end).toMatchObject({ runtimeStatus: 'Completed', output: [1, 'Hello Lodz!'] });
    expect((await opened.post(`instances/${id}/rewind?reason=again`)).status).toBe(412);
    expect((await opened.post('instances/none/rewind?reason=again')).status).toBe(404);
  });

  test('a rewound orchestrator that fails by itself fails again without running its activities again', async () => {
    const id = await opened.start('fails');
    await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Failed');
    const activities = opened.host.counts().activities;
    expect((await opened.post(`instances/${id}/rewind?reason=again`)).status).toBe(202);
    await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Failed');
    await opened.host.idle();
    expect(opened.host.counts().activities).toBe(activities);
  });

  test('entities keep state, answer calls, take signals and tell others', async () => {
    const end = await opened.run('entities');
    expect(end).toMatchObject({ runtimeStatus: 'Completed', output: [7, true, 'end'] });
    await opened.host.idle();
    const told = await fetch(`${opened.management}/entities/Counter/told`);
    expect([told.status, await told.json()]).toEqual([200, 7]);
    expect((await fetch(`${opened.management}/entities/Counter/none`)).status).toBe(404);
    await opened.post('entities/counter/told?op=delete');
    await opened.host.idle();
    expect((await fetch(`${opened.management}/entities/Counter/told`)).status).toBe(404);
  });

  test('callHttp follows an answer of 202 until it is final', async () => {
    let polls = 0;
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-test']}`);
      polls += 1;
      if (polls < 3) {
        response.writeHead(202, { location: `http://127.0.0.1:${port}/poll${polls}`, 'retry-after': '0' });
      }
      response.end('done');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as AddressInfo).port;
    expect(await opened.output('http', `http://127.0.0.1:${port}/first`)).toEqual([200, 'done', 'Hello Ghent!']);
    expect(seen).toEqual(['POST /first yes', 'GET /poll1 yes', 'GET /poll2 yes']);
    server.closeAllConnections();
    server.close();
  });

  test('the client of the SDK starts, raises, reads, signals and purges', async () => {
    const response = await fetch(`http://127.0.0.1:${opened.host.port}/api/client`, { method: 'POST' });
    expect(await response.json()).toEqual({
      name: 'approval',
      input: 60_000,
      done: { answer: { ok: true } },
      purged: { instancesDeleted: 1 },
    });
    await opened.host.idle();
    expect(await (await fetch(`${opened.management}/entities/counter/direct`)).json()).toBe(5);
  });

  test('the check-status answer links back to this host', async () => {
    const response = await fetch(`http://127.0.0.1:${opened.host.port}/api/start/helloSequence`, {
      method: 'POST',
      body: 'null',
    });
    const links = (await response.json()) as { statusQueryGetUri: string };
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10']);
    await opened.host.idle();
    expect(await (await fetch(links.statusQueryGetUri)).json()).toMatchObject({ runtimeStatus: 'Completed' });
  });
});
