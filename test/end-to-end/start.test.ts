import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { freePorts, PortTakenError } from '../../local/ports.ts';
import { startStack } from '../../local/stack.ts';
import { ConfigError, readConfig } from '../../shared/config.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'twinwrite-start-'));
const NO_WARNINGS = '--disable-warning=ExperimentalWarning';

/** Each setting without which the app cannot work, and the one that may stand in for it. */
const NEEDED = [
  'TWINWRITE_DATAVERSE_URL',
  'TWINWRITE_FINOPS_URL',
  'TWINWRITE_WEBHOOK_KEYS',
  'TWINWRITE_TAG_SECRETS',
  'TWINWRITE_TABLES_URL',
  'ServiceBusConnection__fullyQualifiedNamespace',
];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('missing settings are all named at once', () => {
  const attempt = (): unknown => readConfig({});
  expect(attempt).toThrow(ConfigError);
  for (const name of NEEDED) expect(attempt).toThrow(name);
});

test('wrong settings are named together with the missing ones', () => {
  const attempt = (): unknown =>
    readConfig({
      TWINWRITE_DATAVERSE_URL: 'not a URL',
      TWINWRITE_WEBHOOK_KEYS: 'short',
      TWINWRITE_IDENTITY: 'client-credentials',
    });
  for (const name of [...NEEDED, 'TWINWRITE_TOKEN_URL']) expect(attempt).toThrow(name);
});

test('the app does not start without its settings, and names them all', async () => {
  const settings = join(folder, 'empty.settings.json');
  writeFileSync(settings, JSON.stringify({ IsEncrypted: false, Values: { FUNCTIONS_WORKER_RUNTIME: 'node' } }));
  const { app } = await freePorts();
  const place = ['--app', root, '--entry', 'functions/index.ts', '--state', folder, '--settings', settings];
  const started = run(
    process.execPath,
    [NO_WARNINGS, join(root, 'local/host/main.ts'), ...place, '--port', String(app)],
    { env: {}, timeout: 25_000 },
  );
  const ended = await started.then(
    () => ({ code: 0, output: '' }),
    (error: { code?: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
  expect(ended.code).toBe(1);
  for (const name of NEEDED) expect(ended.output).toContain(name);
});

test('a taken port stops the start and is named, with the way round it', async () => {
  const ports = await freePorts();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(ports.simulators, '127.0.0.1', resolve));
  try {
    const options = { ports, root, stateDirectory: join(folder, 'state'), reset: true, customers: 1 };
    const starting = startStack({ ...options, hostLog: () => {}, say: () => {} });
    await expect(starting).rejects.toThrow(`Port ${ports.simulators} (simulators) is taken`);
    await expect(starting).rejects.toThrow(PortTakenError);
    await expect(starting).rejects.toThrow('--simulators-port');
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});

test('the registrations load with @azure/functions alone, which only warns that there is no host', async () => {
  const entry = new URL('functions/index.ts', `file://${root}/`).href;
  const script = `await import(${JSON.stringify(entry)}); console.log('loaded');`;
  const { stdout, stderr } = await run(process.execPath, [NO_WARNINGS, '--input-type=module', '--eval', script], {
    cwd: folder,
    env: {},
    timeout: 25_000,
  });
  expect(stdout).toContain('loaded');
  expect(stderr).toContain('WARNING');
  expect(stderr).not.toMatch(/^\w*Error/m);
});
