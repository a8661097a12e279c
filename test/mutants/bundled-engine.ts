import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Patch } from './mutant.ts';
import type { SCENARIOS } from './scenarios.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Below node_modules, so that the packages that the bundle leaves outside are found. */
const CACHE = join(ROOT, 'node_modules/.cache');

/** The whole pipeline with what runs it in the process: seeded histories and scenarios. */
export interface BundledEngine {
  runHistory(seed: number): Promise<{ violations: string[] }>;
  SCENARIOS: typeof SCENARIOS;
}

/**
 * Bundles the engine with patches and loads it beside all others.
 * @throws when a patch does not fit, or its file is no part of what runs.
 */
export async function bundleEngine(name: string, patches: readonly Patch[]): Promise<BundledEngine> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, `twinwrite-${name}-`));
  const outfile = join(folder, 'engine.mjs');
  const unused = new Set(patches.map(({ file }) => file));
  try {
    await build({
      stdin: {
        contents: "export * from './test/simulation/history.ts'; export * from './test/mutants/scenarios.ts';",
        resolveDir: ROOT,
      },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
      plugins: [patching(name, patches, unused)],
    });
    if (unused.size > 0) throw new Error(`${name}: ${[...unused].join(', ')} is no part of the engine that runs.`);
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as BundledEngine;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function patching(name: string, patches: readonly Patch[], unused: Set<string>): Plugin {
  return {
    name: 'patching',
    setup({ onLoad }) {
      if (patches.length > 0)
        onLoad({ filter: filesOf(patches) }, ({ path }) => {
          const file = relative(ROOT, path).replaceAll(sep, '/');
          if (!unused.delete(file)) return null;
          return { contents: patchedFile(name, file, patches), loader: 'ts' };
        });
    },
  };
}

/** Only these are handed over: a call for each file of the engine costs more than its bundling. */
function filesOf(patches: readonly Patch[]): RegExp {
  const paths = patches.map(({ file }) => file.replaceAll('.', String.raw`\.`).replaceAll('/', String.raw`[/\\]`));
  return new RegExp(`(${paths.join('|')})$`);
}

/**
 * The text of a file, named from the project's folder, with those of the patches that are its own.
 * @throws when one does not fit.
 */
export function patchedFile(name: string, file: string, patches: readonly Patch[]): string {
  const own = patches.filter((patch) => patch.file === file);
  return own.reduce((text, patch) => patched(name, text, patch), readFileSync(join(ROOT, file), 'utf8'));
}

function patched(name: string, text: string, { file, find, replace }: Patch): string {
  const parts = text.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(`${name}: what it replaces occurs ${parts.length - 1} times in ${file}, not once:\n${find}`);
}
