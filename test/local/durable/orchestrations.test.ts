import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, startHost } from '../../../local/host/host.ts';

interface Status {
  runtimeStatus: string;
  output: unknown;
  customStatus: unknown;
  input: unknown;
  historyEvents?: { EventType: string; FunctionName?: string }[];
}

const appDirectory = `${import.meta.dirname}/apps`;

describe('orchestrations', () => {
  let host: Host;
  let management: string;
  const lines: string[] = [];

  beforeAll(async () => {
    host = await startHost({
      appDirectory,
      entry: 'orchestrations.ts',
      port: 0,
      settings: {},
      log: (line) => lines.push(line),
    });
    management = `http://127.0.0.1:${host.port}/runtime/webhooks/durabletask`;
  });
  afterAll(() => host.stop());

  const post = (path: string, body?: unknown) =>
    fetch(`${management}/${path}`, { method: 'POST', body: body === undefined ? null : JSON.stringify(body) });

  const status = async (id: string, query = ''): Promise<Status> =>
    (await (await fetch(`${management}/instances/${id}?${query}`)).json()) as Status;

  const settled = async (id: string, done: (now: Status) => boolean): Promise<Status> => {
    for (;;) {
      const now = await status(id);
      if (done(now)) {
        return now;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  let started = 0;
  const start = async (name: string, input?: unknown): Promise<string> => {
    started += 1;
    const id = `${name}-${started}`;
    const response = await post(`orchestrators/${name}/${id}`, input);
    expect(response.status).toBe(202);
    return id;
  };

  const run = async (name: string, input?: unknown): Promise<Status> => {
    const id = await start(name, input);
    return await settled(id, ({ runtimeStatus }) => ['Completed', 'Failed', 'Terminated'].includes(runtimeStatus));
  };

  const output = async (name: string, input?: unknown): Promise<unknown> => {
    const end = await run(name, input);
    expect(end).toMatchObject({ runtimeStatus: 'Completed' });
    return end.output;
  };

  test('a sequence of activities gives its results in order', async () => {
    expect(await output('helloSequence')).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello Cairo!']);
  });

  test('values of all kinds pass through inputs and results', async () => {
    const abc = Buffer.from('abc').toString('base64');
    expect(await output('values', { in: 'put' })).toEqual([{ in: 'put' }, '42', { a: [1, null] }, null, abc]);
  });

  test('a fan-out of 1,000 activities costs less than a second of processor time', async () => {
    const before = process.cpuUsage();
    expect(await output('fanOut', 1000)).toBe(332_833_500);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  });

  test('failed activities are retried with growing pauses next to others', async () => {
    expect(await output('retries')).toEqual(['a after 3', 'b after 2', 'Hello Oslo!', 'Hello Lima!']);
  });

  test('retries end after the last attempt and the error can be caught', async () => {
    expect(await output('retriesFail')).toEqual([
      "Activity function 'flaky' failed: attempt 3 failed ",
      'Hello Quito!',
      3,
    ]);
  });

  test('retries end at their time limit', async () => {
    expect(await output('retriesTimeOut')).toEqual(['Hello Rome!', true]);
  });

  test('sub-orchestrations return results, take ids, and are retried', async () => {
    const end = await run('parent');
    expect(end.runtimeStatus).toBe('Completed');
    expect(end.output).toEqual([
      ['Hello Bern!', true],
      ['Hello Bonn!', true, expect.stringMatching(/^parent-\d+-kid$/)],
      "Orchestrator function 'child' failed: child of Brno refused",
      'Hello Basel!',
    ]);
  });

  test('a second sub-orchestration with an id in use fails', async () => {
    expect(await output('twins')).toContain("with the id 'twins-");
  });

  test('results for an execution that continued as new are not taken for the next one', async () => {
    expect(await output('leftover', { round: 1 })).toBe(40);
  });

  test('a canceled timer does not hold the instance, a timer that fires moves its clock', async () => {
    expect(await output('cancelTimer')).toEqual([true, 'Hello Turin!']);
    expect(await output('timer')).toBe(true);
  });

  test('an external event wins against its deadline, or times out', async () => {
    const id = await start('approval', 60_000);
    await settled(id, ({ customStatus }) => customStatus !== null);
    expect(await status(id)).toMatchObject({ runtimeStatus: 'Running', customStatus: { waitingFor: 'approval' } });
    expect((await post(`instances/${id}/raiseEvent/approval`, { by: 'Ada' })).status).toBe(202);
    const end = await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect(end).toMatchObject({ output: { answer: { by: 'Ada' } }, customStatus: 'answered' });
    expect((await post(`instances/${id}/raiseEvent/approval`, {})).status).toBe(410);
    expect((await post('instances/none/raiseEvent/approval', {})).status).toBe(404);
    expect(await output('approval', 20)).toBe('timed out');
  });

  test('an event raised before it is awaited is not lost', async () => {
    const id = await start('approval', 60_000);
    await post(`instances/${id}/raiseEvent/approval`, 'early');
    const end = await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect(end.output).toEqual({ answer: 'early' });
  });

  test('continue-as-new starts over with a new input and a short history', async () => {
    const id = await start('counter', { count: 0 });
    await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    const end = await status(id, 'showHistory=true');
    expect(end).toMatchObject({ output: 5, input: { count: 4 } });
    expect(end.historyEvents?.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(1);
  });

  test('an unknown activity or orchestrator fails loudly', async () => {
    expect(await run('unknownActivity')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining("'isNotThere' is not registered as an activity"),
    });
    expect((await post('orchestrators/isNotThere')).status).toBe(400);
  });

  test('an orchestrator that throws fails with its message', async () => {
    expect(await run('fails')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'fails' failed: gave up",
    });
  });

  test('an orchestrator that differs between two replays fails', async () => {
    expect(await run('random')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('two replays of the same history differ in action 1'),
    });
  });

  test('an orchestrator that differs from an earlier turn fails', async () => {
    expect(await run('changing')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('action 1 differs from the one recorded in an earlier turn'),
    });
  });

  test('a task passed to a second Task.any is warned of', async () => {
    await start('reuse');
    await host.idle(60);
    expect(lines.find((line) => line.includes('warning reuse'))).toContain('a task (slow) was passed to more than one');
  });

  test('terminate ends an instance with its reason', async () => {
    const id = await start('approval', 60_000);
    expect((await post(`instances/${id}/terminate?reason=enough`)).status).toBe(202);
    const end = await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Terminated');
    expect(end.output).toBe('enough');
    expect((await post(`instances/${id}/terminate?reason=again`)).status).toBe(410);
  });

  test('a suspended instance hears nothing until it is resumed', async () => {
    const id = await start('approval', 60_000);
    await post(`instances/${id}/suspend?reason=wait`);
    await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await post(`instances/${id}/raiseEvent/approval`, 'kept');
    await host.idle();
    expect(await status(id)).toMatchObject({ runtimeStatus: 'Suspended' });
    await post(`instances/${id}/resume?reason=go`);
    const end = await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect(end.output).toEqual({ answer: 'kept' });
  });

  test('status, list, purge and restart answer as documented', async () => {
    const id = await start('helloSequence');
    await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect((await fetch(`${management}/instances/${id}`)).status).toBe(200);
    expect((await fetch(`${management}/instances/none`)).status).toBe(404);
    const listed = await fetch(`${management}/instances/?runtimeStatus=Completed&instanceIdPrefix=hello&top=1`);
    expect(await listed.json()).toHaveLength(1);
    expect(listed.headers.get('x-ms-continuation-token')).toBe('1');
    const running = await start('approval', 60_000);
    const pending = await fetch(`${management}/instances/${running}`);
    expect([pending.status, pending.headers.get('retry-after')]).toEqual([202, '5']);
    expect((await post(`orchestrators/approval/${running}`, 1)).status).toBe(409);
    const again = (await (await post(`instances/${id}/restart`)).json()) as { id: string };
    await settled(again.id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    const purge = await fetch(`${management}/instances/${id}`, { method: 'DELETE' });
    expect(await purge.json()).toEqual({ instancesDeleted: 1 });
    expect((await fetch(`${management}/instances/${id}`)).status).toBe(404);
    await post(`instances/${running}/terminate?reason=end`);
  });

  test('rewinding runs the failed activity again, goes on, and refuses what has not failed', async () => {
    const id = await start('flakyOnce');
    await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Failed');
    expect((await post(`instances/${id}/rewind?reason=again`)).status).toBe(202);
    const end = await settled(id, ({ runtimeStatus }) => ['Completed', 'Failed'].includes(runtimeStatus));
    expect(end).toMatchObject({ runtimeStatus: 'Completed', output: [1, 'Hello Lodz!'] });
    expect((await post(`instances/${id}/rewind?reason=again`)).status).toBe(412);
    expect((await post('instances/none/rewind?reason=again')).status).toBe(404);
  });

  test('a rewound orchestrator that fails by itself fails again without running its activities again', async () => {
    const id = await start('fails');
    await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Failed');
    const activities = host.counts().activities;
    expect((await post(`instances/${id}/rewind?reason=again`)).status).toBe(202);
    await settled(id, ({ runtimeStatus }) => runtimeStatus === 'Failed');
    await host.idle();
    expect(host.counts().activities).toBe(activities);
  });

  test('entities keep state, answer calls, take signals and tell others', async () => {
    const end = await run('entities');
    expect(end).toMatchObject({ runtimeStatus: 'Completed', output: [7, true, 'end'] });
    await host.idle();
    const told = await fetch(`${management}/entities/Counter/told`);
    expect([told.status, await told.json()]).toEqual([200, 7]);
    expect((await fetch(`${management}/entities/Counter/none`)).status).toBe(404);
    await post('entities/counter/told?op=delete');
    await host.idle();
    expect((await fetch(`${management}/entities/Counter/told`)).status).toBe(404);
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
    expect(await output('http', `http://127.0.0.1:${port}/first`)).toEqual([200, 'done', 'Hello Ghent!']);
    expect(seen).toEqual(['POST /first yes', 'GET /poll1 yes', 'GET /poll2 yes']);
    server.closeAllConnections();
    server.close();
  });

  test('the client of the SDK starts, raises, reads, signals and purges', async () => {
    const response = await fetch(`http://127.0.0.1:${host.port}/api/client`, { method: 'POST' });
    expect(await response.json()).toEqual({
      name: 'approval',
      input: 60_000,
      done: { answer: { ok: true } },
      purged: { instancesDeleted: 1 },
    });
    await host.idle();
    expect(await (await fetch(`${management}/entities/counter/direct`)).json()).toBe(5);
  });

  test('the check-status answer links back to this host', async () => {
    const response = await fetch(`http://127.0.0.1:${host.port}/api/start/helloSequence`, {
      method: 'POST',
      body: 'null',
    });
    const links = (await response.json()) as { statusQueryGetUri: string };
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10']);
    await host.idle();
    expect(await (await fetch(links.statusQueryGetUri)).json()).toMatchObject({ runtimeStatus: 'Completed' });
  });
});
