import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readLocalSettings, resolveExpressions } from '../../../local/host/app-settings.ts';
import { readHostJson } from '../../../local/host/host-json.ts';
import { timeSpanMs } from '../../../local/host/time-span.ts';

const folder = mkdtempSync(join(tmpdir(), 'host-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['00:05:00', 300_000],
  ['1.02:00:00', 93_600_000],
  ['00:00:00.250', 250],
  ['10:30', 37_800_000],
  ['5 minutes', null],
])('time span %s', (text, expected) => {
  expect(timeSpanMs(text)).toBe(expected);
});

describe('host.json', () => {
  test('without a file all values are the documented defaults', () => {
    const { extensions, functionTimeout } = readHostJson(folder, {});
    expect(functionTimeout).toBeNull();
    expect(extensions.http.routePrefix).toBe('api');
    expect(extensions.serviceBus).toMatchObject({
      prefetchCount: 0,
      autoCompleteMessages: true,
      maxAutoLockRenewalDuration: 300_000,
      maxConcurrentSessions: 8,
      maxMessageBatchSize: 1000,
      maxBatchWaitTime: 30_000,
      sessionIdleTimeout: null,
    });
  });

  test('values of the file are read and settings win over them', () => {
    const document = {
      version: '2.0',
      functionTimeout: '00:01:00',
      logging: { logLevel: { default: 'Warning' } },
      extensions: { http: { routePrefix: '' }, serviceBus: { maxMessageBatchSize: 100, prefetchCount: 3 } },
    };
    writeFileSync(join(folder, 'host.json'), JSON.stringify(document));
    const settings = { AzureFunctionsJobHost__extensions__serviceBus__maxMessageBatchSize: '7' };
    const { extensions, functionTimeout } = readHostJson(folder, settings);
    expect([functionTimeout, extensions.http.routePrefix]).toEqual([60_000, '']);
    expect(extensions.serviceBus).toMatchObject({ maxMessageBatchSize: 7, prefetchCount: 3 });
  });

  test('every wrong value is named', () => {
    const settings = {
      AzureFunctionsJobHost__functionTimeout: 'soon',
      AzureFunctionsJobHost__extensions__serviceBus__maxMessageBatchSize: '0',
    };
    expect(() => readHostJson(folder, settings)).toThrow(
      /functionTimeout[\s\S]*maxMessageBatchSize|maxMessageBatchSize[\s\S]*functionTimeout/,
    );
  });
});

describe('settings', () => {
  test('the values of a local.settings.json are texts; a missing file has none', () => {
    const path = join(folder, 'local.settings.json');
    writeFileSync(path, JSON.stringify({ IsEncrypted: false, Values: { A: 'b', N: 5 }, Host: { LocalHttpPort: 1 } }));
    expect(readLocalSettings(path)).toEqual({ A: 'b', N: '5' });
    expect(readLocalSettings(join(folder, 'none.json'))).toEqual({});
  });

  test('%NAME% is replaced; a missing setting is named', () => {
    expect(resolveExpressions('q-%Env%-%Env%', { Env: 'dev' })).toBe('q-dev-dev');
    expect(() => resolveExpressions('%Gone%', {})).toThrow("'Gone'");
  });
});
