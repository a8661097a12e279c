import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { root } from './bicep-compiler.ts';

/** Stands in for az: keeps secrets as files of VAULT, answers outputs of a deployment, and notes every call. */
const AZ = `#!/bin/sh
echo "az $*" >> "$CALLS"
case "$1 $2 $3" in
  "keyvault secret show") [ -f "$VAULT/$7" ] && cat "$VAULT/$7" || exit 3 ;;
  "keyvault secret list") [ -f "$VAULT/../closed" ] && exit 1; ls "$VAULT" ;;
  "keyvault secret set") cp "$9" "$VAULT/$7" ;;
  "deployment sub show") echo "value-of-$7" ;;
  "functionapp deployment source") [ -f "$VAULT/roles-are-known" ] || { touch "$VAULT/roles-are-known"; exit 1; } ;;
esac
`;
const NOTED = `#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twinwrite-scripts-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'vault'));
  for (const [name, text] of Object.entries({ az: AZ, npm: NOTED, curl: NOTED, sleep: NOTED })) {
    writeFileSync(join(folder, 'bin', name), text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, ...args: string[]): { status: number | null; output: string } {
  const done = spawnSync(join(root, 'infra/scripts', script), args, {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      CALLS: join(folder, 'calls'),
      VAULT: join(folder, 'vault'),
      KEY_VAULT_NAME: 'vault',
      AZURE_ENV_NAME: 'test',
      AZURE_LOCATION: 'westeurope',
    },
  });
  return { status: done.status, output: done.stdout + done.stderr };
}

const secret = (name: string): string => readFileSync(join(folder, 'vault', name), 'utf8');
const calls = (): string => readFileSync(join(folder, 'calls'), 'utf8');

/** Whether the code takes these two secrets. */
function isTaken(): boolean {
  const config = readConfig({
    TWINWRITE_DATAVERSE_URL: 'https://contoso.api.crm4.dynamics.com/api/data/v9.2',
    TWINWRITE_FINOPS_URL: 'https://contoso.operations.dynamics.com',
    TWINWRITE_TABLES_URL: 'https://account.table.core.windows.net',
    ServiceBusConnection__fullyQualifiedNamespace: 'namespace.servicebus.windows.net',
    TWINWRITE_WEBHOOK_KEYS: secret('webhook-keys'),
    TWINWRITE_TAG_SECRETS: secret('tag-secrets'),
  });
  return config.TWINWRITE_WEBHOOK_KEYS.length > 0;
}

describe('create-secrets.sh', () => {
  it('makes secrets that the code takes, and keeps those that are there', () => {
    expect(run('create-secrets.sh').status).toBe(0);
    expect(isTaken()).toBe(true);
    const before = [secret('webhook-keys'), secret('tag-secrets')];
    expect(before[0]).not.toBe(before[1]);
    expect(run('create-secrets.sh').status).toBe(0);
    expect([secret('webhook-keys'), secret('tag-secrets')]).toEqual(before);
  });

  it('takes a vault that it may not read for closed, not for empty', () => {
    run('create-secrets.sh');
    const before = secret('webhook-keys');
    writeFileSync(join(folder, 'closed'), '');
    expect(run('create-secrets.sh').status).not.toBe(0);
    expect(secret('webhook-keys')).toBe(before);
    expect(calls().match(/secret set/g)).toHaveLength(2);
  });

  it('shows no secret, neither in what it prints nor in the arguments of a process', () => {
    const { output } = run('create-secrets.sh');
    for (const name of ['webhook-keys', 'tag-secrets']) {
      expect(output + calls()).not.toContain(secret(name));
    }
  });
});

describe('rotate-secret.sh', () => {
  it('S2: puts a new secret before the one in use, and lets an older one go', () => {
    run('create-secrets.sh');
    const first = secret('webhook-keys');
    expect(run('rotate-secret.sh', 'webhook-keys').status).toBe(0);
    const [second = '', stillValid] = secret('webhook-keys').split(',');
    expect(stillValid).toBe(first);
    expect(isTaken()).toBe(true);
    run('rotate-secret.sh', 'webhook-keys');
    const [third, previous, ...older] = secret('webhook-keys').split(',');
    expect([previous, older]).toEqual([second, []]);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(calls()).not.toContain(second);
  });

  it('refuses a name that is no secret of the app', () => {
    expect(run('rotate-secret.sh', 'other').status).toBe(2);
    expect(existsSync(join(folder, 'vault/other'))).toBe(false);
  });
});

describe('deploy.sh', () => {
  it('deploys templates, secrets and package in this order, and tries again until the roles are known', () => {
    const { status, output } = run('deploy.sh');
    expect(output).toContain('ready: value-of-properties.outputs.APP_URL.value');
    expect(status).toBe(0);
    const steps = calls()
      .split('\n')
      .filter((line) => !line.startsWith('az deployment sub show') && line !== '');
    const order = ['az deployment sub create', 'az keyvault', 'npm run package', 'az functionapp', 'sleep 60'];
    const positions = order.map((step) => steps.findIndex((line) => line.startsWith(step)));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual([...positions].sort((one, other) => one - other));
    expect(steps.filter((line) => line.startsWith('az functionapp'))).toHaveLength(2);
    expect(steps.at(-1)).toMatch(/^curl .*\/api\/health$/);
    expect(calls()).toContain('--durable-back-end value-of-properties.outputs.DURABLE_BACK_END.value');
  });
});
