import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Ports, USUAL_PORTS } from './ports.ts';
import { type Stack, startStack } from './stack.ts';

const USAGE = `npm start -- [--reset] [--customers 500] [--state DIR] [--verbose]
             [--app-port 7071] [--simulators-port 7080] [--broker-port 5672] [--tables-port 10002]`;

const CATCH_UP_SECONDS = 60;

function readOptions() {
  const port = { type: 'string' as const };
  const { values } = parseArgs({
    options: {
      reset: { type: 'boolean', default: false },
      customers: { type: 'string', default: '500' },
      state: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      'app-port': port,
      'simulators-port': port,
      'broker-port': port,
      'tables-port': port,
    },
  });
  const ports: Ports = {
    app: Number(values['app-port'] ?? USUAL_PORTS.app),
    simulators: Number(values['simulators-port'] ?? USUAL_PORTS.simulators),
    broker: Number(values['broker-port'] ?? USUAL_PORTS.broker),
    tables: Number(values['tables-port'] ?? USUAL_PORTS.tables),
  };
  return { ...values, ports, customers: Number(values.customers) };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24) throw new Error(`Node ${process.version} is too old: run it by "npm start", which brings Node 24.`);
  // Before anything is started, so that nothing is left behind.
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort());
  const root = join(import.meta.dirname, '..');
  const startedAt = performance.now();
  const stack = await startStack({
    ports: options.ports,
    root,
    stateDirectory: options.state ?? join(root, '.twinwrite'),
    reset: options.reset,
    catchUpSeconds: CATCH_UP_SECONDS,
    customers: options.customers,
    hostLog: (line) => {
      if (options.verbose || /error|warn/i.test(line)) console.log(`  app | ${line}`);
    },
    say: (line) => console.log(line),
  });
  console.log(greeting(stack, (performance.now() - startedAt) / 1000));
  await once(stopped.signal);
  console.log('\nstopping …');
  await stack.stop();
}

function greeting(stack: Stack, seconds: number): string {
  return `
Twinwrite is up after ${seconds.toFixed(1)} s.

  Both systems side by side   ${stack.simulators.url}/sim/
  Health of the app           ${stack.appUrl}/api/health
  Installed maps              ${stack.appUrl}/api/v1/maps
  The app runs as process     ${stack.host.pid()} (kill it: it comes back and goes on where it was)

Ctrl-C stops everything; the next start goes on where it was. --reset begins anew.`;
}

function once(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
