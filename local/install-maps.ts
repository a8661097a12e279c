import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A shipped map as its file has it. */
export interface ShippedMap {
  id: string;
  version: string;
  finops: { entity: string };
  dataverse: { table: string };
  key: readonly { finops: string }[];
}

/** The shipped catalogue, in the order of the files. */
export function readShippedMaps(directory: string): ShippedMap[] {
  return globSync('*/*.json', { cwd: directory })
    .filter((file) => !file.startsWith('metadata'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as ShippedMap);
}

const PATIENCE_MS = 60_000;

/**
 * Waits for the app to be up, then installs the maps that it does not have in this version yet.
 * @throws with the app's own findings when it refuses a map, or when it does not come up.
 */
export async function installMaps(appUrl: string, maps: readonly ShippedMap[]): Promise<void> {
  const installed = await whenUp(appUrl);
  for (const map of maps) {
    if (installed.has(`${map.id}@${map.version}`)) continue;
    let response = await install(appUrl, map);
    // Writes of the version before are still under way.
    while (response.status === 202) {
      await sleep(100);
      response = await install(appUrl, map);
    }
    if (!response.ok) throw new Error(`The map ${map.id} was refused: ${await response.text()}`);
  }
}

function install(appUrl: string, map: ShippedMap): Promise<Response> {
  return fetch(`${appUrl}/api/v1/maps`, { method: 'PUT', body: JSON.stringify(map) });
}

async function whenUp(appUrl: string): Promise<Set<string>> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const response = await fetch(`${appUrl}/api/v1/maps`);
      if (response.ok) {
        const { maps } = (await response.json()) as { maps: ShippedMap[] };
        return new Set(maps.map(({ id, version }) => `${id}@${version}`));
      }
      if (Date.now() > until) throw new Error(`The app answers ${response.status}: ${await response.text()}`);
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await sleep(100);
  }
}
