import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the repository. */
export const root = join(import.meta.dirname, '../..');

const project = join(root, '.ci/bicep');
const packages = join(project, 'obj/packages');
const compiler = join(packages, 'azure.bicep.commandline.linux-x64/0.49.2/tools/bicep');

/** What a run printed, and how it ended. */
export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Brings the Bicep compiler from NuGet, pinned by `.ci/bicep/bicep.csproj`, unless it is there already.
 * @returns why there is none, or null. In CI a missing compiler is no reason to skip: it throws.
 */
export function restoreCompiler(): string | null {
  if (existsSync(compiler)) return null;
  const restored = run('dotnet', ['restore', project, '--packages', packages]);
  if (restored.status === 0 && existsSync(compiler)) return null;
  const cause = restored.status === null ? 'there is no dotnet' : restored.stdout.trim();
  const reason = `The Bicep compiler cannot be had: ${cause}.`;
  if (process.env['CI'] !== undefined) throw new Error(reason);
  return reason;
}

/** Runs the Bicep compiler; `environment` is what parameter files read. */
export function bicep(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  directory = root,
): Run {
  return run(compiler, args, { ...environment, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' }, directory);
}

function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = root,
): Run {
  const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...environment }, cwd });
  return { status: done.status, stdout: done.stdout ?? '', stderr: done.stderr ?? done.error?.message ?? '' };
}
