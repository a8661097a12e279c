import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageFile from '../../package.json' with { type: 'json' };
import { root } from './bicep-compiler.ts';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, { 'timeout-minutes'?: number; env?: Record<string, string>; steps: Step[] }>;
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const scripts: Readonly<Record<string, string>> = packageFile.scripts;
const jobsOf = (file: string) => Object.values((parse(read(file)) as Workflow).jobs);
const stepsOf = (file: string): Step[] => jobsOf(file).flatMap(({ steps }) => steps);

it('there are workflows that check, deploy, show what a change would do, simulate, and look at dependencies', () => {
  expect(files.map((file) => file.replace('.github/workflows/', ''))).toEqual([
    'check.yml',
    'deploy.yml',
    'nightly.yml',
    'supply-chain.yml',
    'what-if.yml',
  ]);
});

describe.each(files)('%s', (file) => {
  const workflow = parse(read(file)) as Workflow;

  it('may read, and asks for a token of its own only where it signs in to Azure', () => {
    const signsIn = stepsOf(file).some(({ uses }) => uses?.startsWith('azure/login@'));
    expect(workflow.permissions).toEqual(signsIn ? { contents: 'read', 'id-token': 'write' } : { contents: 'read' });
  });

  it('S16: knows no secret: it signs in by federation', () => {
    expect(read(file)).not.toMatch(/\bsecrets\./);
    expect(read(file)).not.toContain('pull_request_target');
  });

  it('S16: puts nothing that a stranger may write into a command', () => {
    const commands = stepsOf(file).flatMap(({ run }) => run ?? []);
    expect(commands.filter((command) => /\$\{\{\s*(github|inputs|vars)\b/.test(command))).toEqual([]);
  });

  it('names actions at a version, and ends in bounded time', () => {
    const loose = stepsOf(file).flatMap(({ uses }) => (uses === undefined || /@v\d+$/.test(uses) ? [] : [uses]));
    expect(loose).toEqual([]);
    for (const job of jobsOf(file)) expect(job['timeout-minutes']).toBeLessThanOrEqual(180);
  });

  it('runs scripts that exist', () => {
    const named = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

it.each(['what-if.yml', 'deploy.yml'])('%s gives the parameter file what it reads', (file) => {
  const reads = [...read('infra/main.bicepparam').matchAll(/readEnvironmentVariable\('(\w+)'(,?)/g)];
  // What has a default of its profile needs not be given.
  const needed = reads.map(([, name = '']) => name).filter((name) => !/^(NETWORK_MODE|DURABLE_BACK_END)$/.test(name));
  const [job] = jobsOf(`.github/workflows/${file}`);
  expect(Object.keys(job?.env ?? {}).sort()).toEqual([...new Set(needed)].sort());
});

it('azure.yaml names a folder that the package makes, and hooks that exist', () => {
  const file = parse(read('azure.yaml'));
  expect(file.services.sync).toMatchObject({ host: 'function', dist: 'dist/package', project: '.' });
  expect(read('infra/modules/function-app.bicep')).toContain("'azd-service-name': 'sync'");
  expect(read(file.hooks.postprovision.run)).toContain('#!/bin/sh');
  expect(file.services.sync.hooks.prepackage.run).toContain('npm run package');
});
