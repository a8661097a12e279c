import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readLocalSettings } from './app-settings.ts';
import { type Host, startHost } from './host.ts';

const USAGE = 'Usage: npm run host -- --app DIR [--port 7071] [--state DIR] [--entry FILE] [--settings FILE] [--auth]';

function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      app: { type: 'string' },
      port: { type: 'string', default: '7071' },
      state: { type: 'string' },
      entry: { type: 'string' },
      settings: { type: 'string' },
      auth: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (values.app === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(USAGE);
  }
  const appDirectory = resolve(values.app);
  if (!existsSync(appDirectory)) {
    throw new Error(`There is no folder ${appDirectory}.`);
  }
  return {
    appDirectory,
    port,
    auth: values.auth,
    settings: readLocalSettings(values.settings ?? join(appDirectory, 'local.settings.json')),
    ...(values.entry === undefined ? {} : { entry: values.entry }),
    ...(values.state === undefined ? {} : { durableStatePath: stateFile(values.state) }),
  };
}

function stateFile(directory: string): string {
  mkdirSync(directory, { recursive: true });
  return join(resolve(directory), 'durable.sqlite');
}

function announce(host: Host): void {
  console.log('Functions:');
  for (const line of host.functions) {
    console.log(`  ${line}`);
  }
  if (host.keys !== null) {
    console.log(`Keys: function ${host.keys.function}, master ${host.keys.master}`);
  }
  console.log(`Host ready on http://localhost:${host.port}`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const host = await startHost({ ...options, log: (line) => console.log(`${new Date().toISOString()} ${line}`) });
  announce(host);
  let signals = 0;
  const stop = (): void => {
    signals += 1;
    if (signals > 1) {
      process.exit(1);
    }
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(String(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // The process that started this one is gone, however it went: nobody is left to stop it.
  process.once('disconnect', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
