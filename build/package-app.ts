import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleApp } from './bundle.ts';

/** Where orchestrations keep their state in Azure: Durable Task Scheduler, or the storage account. */
export const DURABLE_BACK_ENDS = ['dts', 'azureStorage'] as const;
export type DurableBackEnd = (typeof DURABLE_BACK_ENDS)[number];

/** "Configure the Durable Task Scheduler": its type in host.json, and the setting that says where it is. */
const SCHEDULER = {
  type: 'azureManaged',
  connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING',
};

/**
 * Writes a deployable folder: the bundle, host.json, and a package.json of its own that names no dependency. The back end is written into
 * host.json, and not overridden by a setting, because the platform that scales the app reads the file.
 */
export async function packageApp(root: string, directory: string, backEnd: DurableBackEnd): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await bundleApp(root, join(directory, 'dist/functions/index.js'));
  const host = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8'));
  if (backEnd === 'dts') host.extensions.durableTask.storageProvider = SCHEDULER;
  writeJson(join(directory, 'host.json'), host);
  const { name, version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const manifest = { name, version, description, license, type: 'module', main: 'dist/functions/index.js' };
  writeJson(join(directory, 'package.json'), manifest);
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
