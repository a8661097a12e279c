import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** What each sample must give, however often the host was killed meanwhile. */
const EXPECTED: Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>> = {
  sequence: { input: null, output: 12 },
  fan: { input: null, output: ['first 11', 'second 11'] },
  retried: { input: null, output: ['at last', 'gave up'] },
  family: { input: null, output: ['at last', 'at last', 'at last'] },
  timers: { input: null, output: [true, 'after timer'] },
  approval: { input: null, output: ['given', true] },
  rounds: { input: { round: 1 }, output: 8 },
  tallies: { input: null, output: 20 },
};

interface Running {
  readonly child: ChildProcess;
  readonly management: string;
}

/**
 * Runs all samples on hosts in child processes that are killed after the given times, and returns what came out next
 * to what should.
 */
export async function runSamplesWithKills(killAfterMs: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), 'durable-kills-'));
  const stepLog = join(folder, 'steps.log');
  writeFileSync(stepLog, '');
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ Values: { STEP_LOG: stepLog } }));
  let running = await startChild(folder);
  try {
    await startSamples(running.management);
    for (const [index, delayMs] of killAfterMs.entries()) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (index === 1) {
        await post(running.management, 'instances/approval/raiseEvent/go', '"given"');
      }
      await kill(running.child, 'SIGKILL');
      running = await startChild(folder);
    }
    if (killAfterMs.length < 2) {
      await post(running.management, 'instances/approval/raiseEvent/go', '"given"');
    }
    const outputs = await collect(running.management);
    const expected = Object.fromEntries(Object.entries(EXPECTED).map(([name, { output }]) => [name, output]));
    return { outputs, expected };
  } finally {
    await kill(running.child, 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startChild(folder: string): Promise<Running> {
  const args = ['--app', join(import.meta.dirname, 'apps'), '--entry', 'samples.ts', '--port', '0'];
  const rest = ['--state', folder, '--settings', join(folder, 'settings.json')];
  const child = spawn(process.execPath, [join(root, 'local/host/main.ts'), ...args, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /Host ready on http:\/\/localhost:(\d+)/.exec(text)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    child.once('exit', () => reject(new Error(`The host did not start: ${text}`)));
  });
  return { child, management: `http://127.0.0.1:${port}/runtime/webhooks/durabletask` };
}

async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

async function post(management: string, path: string, body: string): Promise<void> {
  const response = await fetch(`${management}/${path}`, { method: 'POST', body });
  if (response.status !== 202) {
    throw new Error(`${path} answered ${response.status}`);
  }
}

async function startSamples(management: string): Promise<void> {
  for (const [name, { input }] of Object.entries(EXPECTED)) {
    await post(management, `orchestrators/${name}/${name}`, JSON.stringify(input));
  }
}

async function collect(management: string): Promise<Record<string, unknown>> {
  const outputs: Record<string, unknown> = {};
  for (const name of Object.keys(EXPECTED)) {
    for (;;) {
      const response = await fetch(`${management}/instances/${name}`);
      const { output, runtimeStatus } = (await response.json()) as { output: unknown; runtimeStatus: string };
      if (response.status === 200) {
        outputs[name] = runtimeStatus === 'Completed' ? output : { runtimeStatus, output };
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return outputs;
}
