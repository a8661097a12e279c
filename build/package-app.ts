import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleApp } from './bundle.ts';

/** Writes a deployable folder: the bundle, host.json, and a package.json of its own that names no dependency. */
export async function packageApp(root: string, directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await bundleApp(root, join(directory, 'dist/functions/index.js'));
  copyFileSync(join(root, 'host.json'), join(directory, 'host.json'));
  const { name, version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const manifest = { name, version, description, license, type: 'module', main: 'dist/functions/index.js' };
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
