import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageApp } from '../../build/package-app.ts';
import { zipFolder } from '../../build/zip-folder.ts';
import { compareSides } from '../../local/demo/compare-sides.ts';
import { everydaySteps } from '../../local/demo/everyday-steps.ts';
import { waitForRest } from '../../local/demo/rest.ts';
import { openScene, type Scene } from '../../local/demo/scene.ts';

const REST_MS = 60_000;
const root = join(import.meta.dirname, '../..');

let directory: string;
let scene: Scene;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'twinwrite-packaged-'));
  await packageApp(root, join(directory, 'package'), 'azureStorage');
  // What is uploaded is the archive, so that is what is run.
  for (const [name, content] of Object.entries(unzipSync(zipFolder(join(directory, 'package'))))) {
    const file = join(directory, 'app', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  scene = await openScene({ customers: 4, packageDirectory: join(directory, 'app') });
  await waitForRest(scene.stack, REST_MS);
}, 120_000);

afterAll(async () => {
  await scene?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('I1: the uploaded archive carries changes in both directions, as the source does', async () => {
  for (const step of everydaySteps) await step.run(scene);
  await waitForRest(scene.stack, REST_MS);
  const records = await compareSides(scene.people);
  expect(records.length).toBeGreaterThan(10);
  expect(records.filter(({ verdict }) => verdict !== 'equal')).toEqual([]);
});
