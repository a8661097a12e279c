import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageApp } from '../../build/package-app.ts';
import queuesFile from '../../infra/queues.json' with { type: 'json' };
import { startBroker } from '../../local/broker/broker.ts';

const root = join(import.meta.dirname, '../..');
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'twinwrite-package-'));
  await packageApp(root, join(directory, 'app'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the package', () => {
  it('holds the v4 layout and nothing else', () => {
    expect(readdirSync(join(directory, 'app')).sort()).toEqual(['dist', 'host.json', 'package.json']);
  });

  it('loads in a functions host without node_modules, and names every missing setting', async () => {
    const broker = await startBroker({ port: 0, queuesFile });
    const settings = join(directory, 'settings.json');
    writeFileSync(settings, JSON.stringify({ Values: { ServiceBusConnection: broker.connectionString } }));
    const host = join(root, 'local/host/main.ts');
    const options = ['--app', join(directory, 'app'), '--port', '0', '--settings', settings];
    const { status, output } = await run([host, ...options]);
    await broker.stop();
    expect(status).toBe(1);
    for (const name of ['TWINWRITE_DATAVERSE_URL', 'TWINWRITE_FINOPS_URL', 'TWINWRITE_WEBHOOK_KEYS']) {
      expect(output).toContain(name);
    }
  });
});

function run(args: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: directory });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('close', (status) => resolve({ status, output }));
  });
}
