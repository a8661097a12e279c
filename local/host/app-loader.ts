import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installFunctionsCore, registerInto } from './functions-core.ts';
import {
  createRegistry,
  type FunctionCallback,
  type FunctionMetadata,
  type HookCallback,
  type Registry,
} from './registry.ts';

/** Which app to load. `entry` (a path or glob below the app's folder) replaces `main` of its package.json. */
export interface AppLocation {
  readonly appDirectory: string;
  readonly entry?: string | undefined;
}

type Registration =
  | { readonly kind: 'function'; readonly metadata: FunctionMetadata; readonly callback: FunctionCallback }
  | { readonly kind: 'hook'; readonly name: string; readonly callback: HookCallback };

/** Node loads a module once per process, so what it registered is remembered for a second start of the same app. */
const loaded = new Map<string, readonly Registration[]>();

/**
 * Loads the entry files of an app and returns what they registered. Throws when there is no entry file or one fails.
 */
export async function loadApp(
  location: AppLocation,
  log: (level: string, category: string, message: string) => void,
): Promise<Registry> {
  installFunctionsCore();
  const registry = createRegistry();
  for (const file of entryFiles(location)) {
    const known = loaded.get(file);
    if (known !== undefined) {
      for (const item of known) {
        replay(registry, item);
      }
      continue;
    }
    const seen: Registration[] = [];
    registerInto({ registry: recording(registry, seen), log });
    await loadFile(file);
    loaded.set(file, seen);
  }
  registerInto({ registry, log });
  return registry;
}

function replay(registry: Registry, item: Registration): void {
  if (item.kind === 'function') {
    registry.addFunction(item.metadata, item.callback);
  } else {
    registry.addHook(item.name, item.callback);
  }
}

function recording(registry: Registry, seen: Registration[]): Registry {
  return {
    ...registry,
    addFunction(metadata, callback) {
      seen.push({ kind: 'function', metadata, callback });
      return registry.addFunction(metadata, callback);
    },
    addHook(name, callback) {
      seen.push({ kind: 'hook', name, callback });
      return registry.addHook(name, callback);
    },
  };
}

function entryFiles({ appDirectory, entry }: AppLocation): string[] {
  const pattern = entry ?? mainOf(appDirectory);
  const direct = resolve(appDirectory, pattern);
  const files = existsSync(direct)
    ? [direct]
    : globSync(pattern, { cwd: appDirectory }).map((file) => resolve(appDirectory, file));
  if (files.length === 0) {
    throw new Error(`No file matches the entry '${pattern}' in ${appDirectory}.`);
  }
  return files.toSorted();
}

function mainOf(appDirectory: string): string {
  const path = join(appDirectory, 'package.json');
  const main = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { main?: unknown }).main : undefined;
  if (typeof main !== 'string') {
    throw new Error(`${path} names no "main" with the app's entry files.`);
  }
  return main;
}

/** CommonJS goes by `require`, as in the real worker, everything else by `import`. */
async function loadFile(file: string): Promise<void> {
  const extension = extname(file);
  if (extension === '.cjs' || (extension === '.js' && !isModulePackage(dirname(file)))) {
    createRequire(file)(file);
    return;
  }
  await import(pathToFileURL(file).href);
}

function isModulePackage(directory: string): boolean {
  const path = join(directory, 'package.json');
  if (existsSync(path)) {
    return (JSON.parse(readFileSync(path, 'utf8')) as { type?: unknown }).type === 'module';
  }
  const parent = dirname(directory);
  return parent !== directory && isModulePackage(parent);
}
