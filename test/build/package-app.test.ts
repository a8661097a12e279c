import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageApp } from '../../build/package-app.ts';
import { zipFolder } from '../../build/zip-folder.ts';
import queuesFile from '../../infra/queues.json' with { type: 'json' };
import { startBroker } from '../../local/broker/broker.ts';

const root = join(import.meta.dirname, '../..');
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'twinwrite-package-'));
  await packageApp(root, join(directory, 'app'), 'azureStorage');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the package', () => {
  it('holds the v4 layout and nothing else', () => {
    expect(readdirSync(join(directory, 'app')).sort()).toEqual(['dist', 'host.json', 'package.json']);
  });

  it('says in host.json where orchestrations keep their state, and nothing else anew', async () => {
    const hostOf = (folder: string) => JSON.parse(readFileSync(join(directory, folder, 'host.json'), 'utf8'));
    const source = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
    expect(hostOf('app')).toEqual(source);
    await packageApp(root, join(directory, 'scheduled'), 'dts');
    source.extensions.durableTask.storageProvider = {
      type: 'azureManaged',
      connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING',
    };
    expect(hostOf('scheduled')).toEqual(source);
  });

  it('makes the same archive of the same files, without what a deployment must not hold', () => {
    const archive = zipFolder(join(directory, 'app'));
    expect(Object.keys(unzipSync(archive)).sort()).toEqual([
      'dist/functions/index.js',
      'dist/functions/index.js.map',
      'host.json',
      'package.json',
    ]);
    expect(Buffer.compare(archive, zipFolder(join(directory, 'app')))).toBe(0);
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
