import { describe, expect, it } from 'vitest';
import { interactiveUserId } from '../../../../local/simulators/dataverse/request-context.ts';
import { sampleEnvironment } from './sample-environment.ts';

const limits = { enabled: true, windowMs: 300_000, requests: 6000, executionMs: 1_200_000, concurrent: 52 };

// "Service protection API limits".
describe('service protection', () => {
  it('answers 429 0x80072322 above the requests of the window, with a Retry-After that grows', async () => {
    const { call, clock } = sampleEnvironment({ serviceProtection: { ...limits, windowMs: 30_000, requests: 5 } });
    for (let index = 0; index < 5; index += 1) {
      expect((await call('GET', 'WhoAmI')).status).toBe(200);
      clock.now += 1000;
    }
    const first = await call('GET', 'WhoAmI');
    expect([first.status, first.json.error.code, first.headers['retry-after']]).toEqual([429, '0x80072322', '25']);
    const second = await call('GET', 'WhoAmI');
    expect(second.headers['retry-after']).toBe('26');
    expect((await call('GET', 'WhoAmI', undefined, { 'x-sim-user': interactiveUserId })).status).toBe(200);
    clock.now += 25_000;
    expect((await call('GET', 'WhoAmI')).status).toBe(200);
  });

  it('answers 0x80072321 above the execution time', async () => {
    const { call } = sampleEnvironment({ executionMs: 500, serviceProtection: { ...limits, executionMs: 1000 } });
    expect((await call('GET', 'WhoAmI')).status).toBe(200);
    expect((await call('GET', 'WhoAmI')).status).toBe(200);
    const refused = await call('GET', 'WhoAmI');
    expect([refused.status, refused.json.error.code, refused.headers['retry-after']]).toEqual([
      429,
      '0x80072321',
      '300',
    ]);
  });

  it('answers 0x80072326 at once above the concurrent requests', async () => {
    const { call } = sampleEnvironment({ latencyMs: 5, serviceProtection: { ...limits, concurrent: 2 } });
    const answers = await Promise.all(['', '', ''].map(() => call('GET', 'WhoAmI')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.json.error.code).toBe('0x80072326');
    expect((await call('GET', 'WhoAmI')).status).toBe(200);
  });

  it('counts a $batch as one request', async () => {
    const { call } = sampleEnvironment({ serviceProtection: { ...limits, requests: 2 } });
    const get = 'Content-Type: application/http\r\n\r\nGET WhoAmI HTTP/1.1\r\n\r\n\r\n';
    const body = `--b\r\n${get}--b\r\n${get}--b\r\n${get}--b--\r\n`;
    expect((await call('POST', '$batch', body, { 'content-type': 'multipart/mixed; boundary=b' })).status).toBe(200);
    expect((await call('GET', 'WhoAmI')).status).toBe(200);
    expect((await call('GET', 'WhoAmI')).status).toBe(429);
  });
});
