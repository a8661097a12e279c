import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

const SLOW = `
const { app } = require('@azure/functions');
app.http('slow', { methods: ['GET'], handler: async () => {
  console.log('slow begins');
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log('slow ends');
  return { body: process.env.GREETING };
} });
app.hook.appTerminate(() => { console.log('app terminates'); });
`;
const PLAIN = `
const { app } = require('@azure/functions');
app.get('plain', () => ({ body: 'plain' }));
`;

describe('the host as a process of its own, with a CommonJS app', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'host-app-'));
    mkdirSync(join(folder, 'functions'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('package.json', JSON.stringify({ main: 'functions/*.js' }));
    write('functions/slow.js', SLOW);
    write('functions/plain.js', PLAIN);
    write('host.json', JSON.stringify({ version: '2.0', extensions: { http: { routePrefix: 'v1' } } }));
    write('local.settings.json', JSON.stringify({ IsEncrypted: false, Values: { GREETING: 'hello' } }));
  });
  afterAll(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]) => {
    const child = spawn(process.execPath, [join(root, 'local/host/main.ts'), ...args]);
    children.push(child);
    const printed = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed.text += chunk.toString();
      });
    }
    const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(printed.text);
        if (found !== null) {
          return found;
        }
        if (child.exitCode !== null) {
          throw new Error(`The host ended: ${printed.text}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    return { child, printed, says, ended: once(child, 'exit').then(([code]) => code as number) };
  };

  test('it reads the app, prints functions and URLs, and stops in order: requests under way, then appTerminate', async () => {
    const { child, printed, says, ended } = run('--app', folder, '--port', '0');
    const port = (await says(/Host ready on http:\/\/localhost:(\d+)/))[1];
    expect(printed.text).toContain(`plain: [GET] http://localhost:${port}/v1/plain`);
    expect(await (await fetch(`http://127.0.0.1:${port}/v1/plain`)).text()).toBe('plain');
    expect(await (await fetch(`http://127.0.0.1:${port}/admin/host/status`)).json()).toEqual({ state: 'Running' });
    const slow = fetch(`http://127.0.0.1:${port}/v1/slow`).then((response) => response.text());
    await says(/slow begins/);
    child.kill('SIGINT');
    expect(await slow).toBe('hello');
    expect(await ended).toBe(0);
    expect(printed.text.slice(printed.text.indexOf('slow begins'))).toBe('slow begins\nslow ends\napp terminates\n');
  });

  test('a taken port is said in one clear line, with exit code 1', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = String((taken.address() as AddressInfo).port);
    const { printed, ended } = run('--app', folder, '--port', port);
    expect(await ended).toBe(1);
    expect(printed.text).toBe(`Port ${port} is already in use.\n`);
    taken.close();
  });

  test('without an app it says how to use it', async () => {
    const { printed, ended } = run('--port', '0');
    expect(await ended).toBe(1);
    expect(printed.text).toContain('Usage: npm run host -- --app DIR');
  });
});
