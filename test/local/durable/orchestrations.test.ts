import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOrchestrationHost } from './orchestration-host.ts';

type Opened = Awaited<ReturnType<typeof openOrchestrationHost>>;

describe('orchestrations', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openOrchestrationHost();
  });
  afterAll(() => opened.host.stop());

  test('a sequence of activities gives its results in order', async () => {
    expect(await opened.output('helloSequence')).toEqual(['Hello Tokyo!', 'Hello Seattle!', 'Hello Cairo!']);
  });

  test('values of all kinds pass through inputs and results', async () => {
    const abc = Buffer.from('abc').toString('base64');
    expect(await opened.output('values', { in: 'put' })).toEqual([{ in: 'put' }, '42', { a: [1, null] }, null, abc]);
  });

  test('a fan-out of 1,000 activities costs less than a second of processor time', async () => {
    const before = process.cpuUsage();
    expect(await opened.output('fanOut', 1000)).toBe(332_833_500);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  });

  test('failed activities are retried with growing pauses next to others', async () => {
    expect(await opened.output('retries')).toEqual(['a after 3', 'b after 2', 'Hello Oslo!', 'Hello Lima!']);
  });

  test('retries end after the last attempt and the error can be caught', async () => {
    expect(await opened.output('retriesFail')).toEqual([
      "Activity function 'flaky' failed: attempt 3 failed ",
      'Hello Quito!',
      3,
    ]);
  });

  test('retries end at their time limit', async () => {
    expect(await opened.output('retriesTimeOut')).toEqual(['Hello Rome!', true]);
  });

  test('sub-orchestrations return results, take ids, and are retried', async () => {
    const end = await opened.run('parent');
    expect(end.runtimeStatus).toBe('Completed');
    expect(end.output).toEqual([
      ['Hello Bern!', true],
      ['Hello Bonn!', true, expect.stringMatching(/^parent-\d+-kid$/)],
      "Orchestrator function 'child' failed: child of Brno refused",
      'Hello Basel!',
    ]);
  });

  test('a second sub-orchestration with an id in use fails', async () => {
    expect(await opened.output('twins')).toContain("with the id 'twins-");
  });

  test('results for an execution that continued as new are not taken for the next one', async () => {
    expect(await opened.output('leftover', { round: 1 })).toBe(40);
  });

  test('a canceled timer does not hold the instance, a timer that fires moves its clock', async () => {
    expect(await opened.output('cancelTimer')).toEqual([true, 'Hello Turin!']);
    expect(await opened.output('timer')).toBe(true);
  });

  test('an external event wins against its deadline, or times out', async () => {
    const id = await opened.start('approval', 60_000);
    await opened.settled(id, ({ customStatus }) => customStatus !== null);
    expect(await opened.status(id)).toMatchObject({
      runtimeStatus: 'Running',
      customStatus: { waitingFor: 'approval' },
    });
    expect((await opened.post(`instances/${id}/raiseEvent/approval`, { by: 'Ada' })).status).toBe(202);
    const end = await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect(end).toMatchObject({ output: { answer: { by: 'Ada' } }, customStatus: 'answered' });
    expect((await opened.post(`instances/${id}/raiseEvent/approval`, {})).status).toBe(410);
    expect((await opened.post('instances/none/raiseEvent/approval', {})).status).toBe(404);
    expect(await opened.output('approval', 20)).toBe('timed out');
  });

  test('an event raised before it is awaited is not lost', async () => {
    const id = await opened.start('approval', 60_000);
    await opened.post(`instances/${id}/raiseEvent/approval`, 'early');
    const end = await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    expect(end.output).toEqual({ answer: 'early' });
  });

  test('continue-as-new starts over with a new input and a short history', async () => {
    const id = await opened.start('counter', { count: 0 });
    await opened.settled(id, ({ runtimeStatus }) => runtimeStatus === 'Completed');
    const end = await opened.status(id, 'showHistory=true');
    expect(end).toMatchObject({ output: 5, input: { count: 4 } });
    expect(end.historyEvents?.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(1);
  });

  test('an unknown activity or orchestrator fails loudly', async () => {
    expect(await opened.run('unknownActivity')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining("'isNotThere' is not registered as an activity"),
    });
    expect((await opened.post('orchestrators/isNotThere')).status).toBe(400);
  });

  test('an orchestrator that throws fails with its message', async () => {
    expect(await opened.run('fails')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'fails' failed: gave up",
    });
  });

  test('an orchestrator that differs between two replays fails', async () => {
    expect(await opened.run('random')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('two replays of the same history differ in action 1'),
    });
  });

  test('an orchestrator that differs from an earlier turn fails', async () => {
    expect(await opened.run('changing')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('action 1 differs from the one recorded in an earlier turn'),
    });
  });

  test('a task passed to a second Task.any is warned of', async () => {
    await opened.start('reuse');
    await opened.host.idle(60);
    expect(opened.lines.find((line) => line.includes('warning reuse'))).toContain(
      'a task (slow) was passed to more than one',
    );
  });
});
