import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Host, startHost } from '../../../local/host/host.ts';

describe('a host over a state file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'durable-restart-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const hosts: Host[] = [];
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));

  const start = async (settings: Record<string, string> = {}): Promise<Host> => {
    const host = await startHost({
      appDirectory: `${import.meta.dirname}/apps`,
      entry: 'orchestrations.ts',
      port: 0,
      settings,
      durableStatePath: join(folder, 'durable.sqlite'),
    });
    hosts.push(host);
    return host;
  };
  const api = (host: Host, path: string, body?: unknown) =>
    fetch(`http://127.0.0.1:${host.port}/runtime/webhooks/durabletask/${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  const settled = async (host: Host, id: string): Promise<unknown> => {
    for (;;) {
      const response = await api(host, `instances/${id}`);
      if (response.status === 200) {
        return await response.json();
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  test('stopping waits for activities and keeps their results; the next start goes on from there', async () => {
    const first = await start();
    await api(first, 'orchestrators/slowly/stopped', null);
    await api(first, 'orchestrators/approval/waiting', 60_000);
    while (first.counts().activities === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await first.stop();
    const second = await start();
    expect(await settled(second, 'stopped')).toMatchObject({ output: [250, 'Hello Turin!'] });
    expect(second.counts().invocations).toEqual({ slowly: 2, greet: 1 });
    await api(second, 'instances/waiting/suspend?reason=hold', null);
    await api(second, 'instances/waiting/raiseEvent/approval', 'yes');
    await second.stop();
    const third = await start();
    expect(await (await api(third, 'instances/waiting')).json()).toMatchObject({ runtimeStatus: 'Suspended' });
    await api(third, 'instances/waiting/resume?reason=go', null);
    expect(await settled(third, 'waiting')).toMatchObject({ output: { answer: 'yes' } });
  });

  test('no more activities run at once than host.json allows', async () => {
    const host = await start({ AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: '3' });
    await api(host, 'orchestrators/crowds/crowds', null);
    expect(await settled(host, 'crowds')).toMatchObject({ output: 3 });
  });

  test('a lock and what waits for it outlive the host', async () => {
    const first = await start();
    await api(first, 'orchestrators/keepsLock/holder', 'wait');
    await first.idle();
    await api(first, 'entities/Counter/kept?op=add', 3);
    await first.idle();
    await first.stop();
    const second = await start();
    await second.idle();
    expect((await api(second, 'entities/Counter/kept')).status).toBe(404);
    await api(second, 'instances/holder/terminate?reason=enough', null);
    await second.idle();
    expect(await (await api(second, 'entities/Counter/kept')).json()).toBe(3);
  });
});
