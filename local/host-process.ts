import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface HostProcessOptions {
  /** Folder of the repository, where the host is. */
  root: string;
  /** Folder of a built package; none: the source in the repository is run. */
  packageDirectory?: string | undefined;
  /** Folder of the state; the durable state is kept in it. */
  stateDirectory: string;
  port: number;
  settings: Readonly<Record<string, string>>;
  log: (line: string) => void;
}

/** The functions host as a child that is started again whenever it dies. */
export interface HostProcess {
  /** Process id of the child that runs now. */
  pid(): number | undefined;
  /** Kills it as a crash would; it comes back by itself. */
  kill(): void;
  /** How often it was started again. */
  restarts(): number;
  /** Lets it finish its work, and does not start it again. */
  stop(): Promise<void>;
}

const RESTART_DELAY_MS = 300;
const STOP_PATIENCE_MS = 35_000;

/** Starts the host. It runs the TypeScript source of the app, unless a built package is named. */
export function startHostProcess(options: HostProcessOptions): HostProcess {
  const settingsFile = join(options.stateDirectory, 'host.settings.json');
  writeFileSync(settingsFile, JSON.stringify({ IsEncrypted: false, Values: options.settings }, null, 2));
  let child: ChildProcess;
  let stopping = false;
  let restarts = 0;
  const start = (): void => {
    child = spawn(process.execPath, hostArguments(options, settingsFile), {
      cwd: options.root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C reaches the services first, which stop it in order.
      detached: true,
    });
    for (const output of [child.stdout, child.stderr]) if (output !== null) forward(output, options.log);
    child.once('exit', () => {
      if (stopping) return;
      restarts += 1;
      setTimeout(() => {
        if (!stopping) start();
      }, RESTART_DELAY_MS);
    });
  };
  start();
  return {
    pid: () => child.pid,
    kill: () => void child.kill('SIGKILL'),
    restarts: () => restarts,
    stop: () => {
      stopping = true;
      return ended(child);
    },
  };
}

function hostArguments(options: HostProcessOptions, settingsFile: string): string[] {
  const { root, packageDirectory } = options;
  const app = packageDirectory === undefined ? [root, '--entry', 'functions/index.ts'] : [packageDirectory];
  return [
    '--disable-warning=ExperimentalWarning',
    join(root, 'local/host/main.ts'),
    '--app',
    ...app,
    '--port',
    String(options.port),
    '--state',
    options.stateDirectory,
    '--settings',
    settingsFile,
  ];
}

/** Line by line: a chunk may end in the middle of one. */
function forward(output: Readable, log: (line: string) => void): void {
  createInterface({ input: output }).on('line', (line) => {
    if (line.trim() !== '') log(line);
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
    child.once('exit', () => {
      clearTimeout(impatient);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
