import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene } from '../../local/demo/scene.ts';
import { createTableStateStore } from '../../shared/adapters/table-storage/table-state-store.ts';
import type { StateStore } from '../../shared/ports/state-store.ts';

/** What the app's settings say, as the stack gave them to it. */
export function settingsOf(scene: Scene): Record<string, string> {
  const file = readFileSync(join(scene.stateDirectory, 'host.settings.json'), 'utf8');
  return (JSON.parse(file) as { Values: Record<string, string> }).Values;
}

/** Where the app's tables are. */
export function tablesConnectionOf(scene: Scene): string {
  return settingsOf(scene)['TWINWRITE_TABLES_CONNECTION'] ?? '';
}

/** The app's state, read beside the app. */
export function stateOf(scene: Scene): StateStore {
  const connection = { connectionString: tablesConnectionOf(scene) };
  return createTableStateStore({ connection, clock: { nowMs: () => Date.now() } });
}
