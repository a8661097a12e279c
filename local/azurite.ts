import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The account that every Azurite has; its key is published and opens nothing else. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A running table service. */
export interface Azurite {
  connectionString: string;
  /** Stops it so that nothing is lost: Azurite writes its file on SIGINT only. */
  stop(): Promise<void>;
}

/** Starts Azurite's table service as a child, its state in a folder. Rejects when it ends before it listens. */
export async function startAzurite(options: { port: number; directory: string }): Promise<Azurite> {
  mkdirSync(options.directory, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'azurite-process.ts'),
      '--location',
      options.directory,
      '--tableHost',
      '127.0.0.1',
      '--tablePort',
      String(options.port),
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ],
    // A group of its own: Ctrl-C goes to this process first, which stops the app before its storage.
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
  );
  await listening(child);
  const endpoint = `http://127.0.0.1:${options.port}/${ACCOUNT}`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};TableEndpoint=${endpoint};`,
    stop: () => stopped(child),
  };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!output.includes('successfully started')) return;
      // What follows is one line per request: it is let go, or it would grow for ever.
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', read).resume();
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`Azurite ended with ${code}: ${output.trim()}`)));
  });
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGINT');
  });
}
