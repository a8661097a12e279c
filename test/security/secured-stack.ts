import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatherAppEvents } from '../../local/demo/app-events.ts';
import { observeWrites } from '../../local/demo/observed-writes.ts';
import { peopleAt } from '../../local/demo/people.ts';
import type { Scene } from '../../local/demo/scene.ts';
import { freePorts } from '../../local/ports.ts';
import { startStack } from '../../local/stack.ts';

/** A scene that also keeps every line that the app's process printed. */
export interface SecuredScene extends Scene {
  output: readonly string[];
}

/** Starts a stack of its own whose whole output is kept. */
export async function openSecuredScene(customers: number): Promise<SecuredScene> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'twinwrite-security-'));
  const output: string[] = [];
  const events = gatherAppEvents();
  const stack = await startStack({
    ports: await freePorts(),
    root: join(import.meta.dirname, '../..'),
    stateDirectory,
    reset: true,
    customers,
    hostLog: (line) => {
      output.push(line);
      events.read(line);
    },
    say: () => {},
  });
  return {
    stack,
    people: peopleAt(stack.simulators.url),
    writes: observeWrites(stack.simulators),
    events,
    stateDirectory,
    log: output,
    output,
    close: () => stack.stop().finally(() => rmSync(stateDirectory, { recursive: true, force: true, maxRetries: 5 })),
  };
}

/** Posts a body to an endpoint of the app, with the key in use unless another one is given. */
export function post(
  scene: Scene,
  side: 'dataverse' | 'finops',
  body: string,
  key = scene.stack.key,
): Promise<Response> {
  const url = `${scene.stack.appUrl}/api/ingress/${side}`;
  return fetch(url, { method: 'POST', body, headers: { 'x-twinwrite-key': key } });
}
