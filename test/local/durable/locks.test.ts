import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOrchestrationHost } from './orchestration-host.ts';

describe('critical sections', () => {
  let opened: Awaited<ReturnType<typeof openOrchestrationHost>>;
  beforeAll(async () => {
    opened = await openOrchestrationHost();
  });
  afterAll(() => opened.host.stop());

  const add = (key: string, amount: number) => opened.post(`entities/Counter/${key}?op=add`, amount);
  const balance = async (key: string): Promise<unknown> => {
    await opened.host.idle();
    return await (await fetch(`${opened.management}/entities/Counter/${key}`)).json();
  };

  test('of ten transfers at once, each sees what the one before it left', async () => {
    await add('from', 35);
    await add('to', 0);
    const both = (index: number) => (index % 2 === 0 ? { from: 'from', to: 'to' } : { from: 'to', to: 'from' });
    await opened.host.idle();
    const outputs = await Promise.all(
      Array.from({ length: 10 }, (_, index) => opened.output('transfer', { ...both(index), amount: 10 })),
    );
    expect(outputs.filter((output) => output === 'over 2').length).toBeGreaterThanOrEqual(5);
    expect([await balance('from'), await balance('to')].reduce((sum: number, one) => sum + Number(one), 0)).toBe(35);
    expect(Number(await balance('to'))).toBeGreaterThanOrEqual(0);
  });

  test('what others ask of a locked entity waits until it is let go', async () => {
    const id = await opened.start('keepsLock', 'wait');
    await opened.settled(id, ({ customStatus }) => customStatus === 'locked');
    await add('kept', 3);
    await opened.host.idle();
    expect((await fetch(`${opened.management}/entities/Counter/kept`)).status).toBe(404);
    await opened.post(`instances/${id}/terminate?reason=enough`);
    expect(await balance('kept')).toBe(3);
  });

  test('an orchestration that fails lets go; one that ended while it waited for the lock never gets it', async () => {
    const holder = await opened.start('keepsLock', 'wait');
    await opened.settled(holder, ({ customStatus }) => customStatus === 'locked');
    const second = await opened.start('keepsLock', 'wait');
    await opened.host.idle();
    await opened.post(`instances/${second}/terminate?reason=tired`);
    await opened.host.idle();
    await opened.post(`instances/${holder}/terminate?reason=enough`);
    expect(await opened.run('keepsLock')).toMatchObject({ runtimeStatus: 'Failed' });
    const before = Number(await balance('kept'));
    await add('kept', 1);
    expect(await balance('kept')).toBe(before + 1);
  });
});
