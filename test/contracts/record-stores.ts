import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataverseApi } from '../../shared/adapters/dataverse/dataverse-api.ts';
import { createDataverseMetadata } from '../../shared/adapters/dataverse/dataverse-metadata.ts';
import { createDataverseRecordStore } from '../../shared/adapters/dataverse/dataverse-record-store.ts';
import { createFinopsApi } from '../../shared/adapters/finops/finops-api.ts';
import { createFinopsMetadata } from '../../shared/adapters/finops/finops-metadata.ts';
import { createFinopsRecordStore } from '../../shared/adapters/finops/finops-record-store.ts';
import type { TokenSource } from '../../shared/adapters/http/bearer-token.ts';
import { createHttpClient } from '../../shared/adapters/http/http-client.ts';
import type { Result } from '../../shared/core/fault/fault.ts';
import { compileMap } from '../../shared/core/map/compile-map.ts';
import type { CompiledMap } from '../../shared/core/map/compiled-map.ts';
import { type TableMap, tableMapSchema } from '../../shared/core/map/table-map.ts';
import type { Clock } from '../../shared/ports/clock.ts';

export const clock = { nowMs: () => Date.now() };
export const identifiers = { guid: () => randomUUID() };

/** The value of a result that a test takes for granted. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.message}`);
  return result.value;
}

export interface Access {
  token?: TokenSource;
  timeoutMs?: number;
  /** Another clock than the computer's. */
  clock?: Clock;
}

function httpClient(origin: string, { token, timeoutMs = 10_000, clock: time = clock }: Access) {
  return createHttpClient({
    origin: new URL(origin).origin,
    token: token ?? null,
    clock: time,
    identifiers,
    timeoutMs,
    responseLimitBytes: 16_000_000,
  });
}

/** The Dataverse adapter on a server, as the composition builds it. */
export function dataverseOn(origin: string, access: Access = {}) {
  const client = httpClient(origin, access);
  const api = createDataverseApi({ baseUrl: `${origin}/api/data/v9.2`, client, clock, identifiers });
  const metadata = createDataverseMetadata(api);
  const store = createDataverseRecordStore({ api, metadata, tag: (rowId) => `tag-of-${rowId}` });
  return { client, api, metadata, store };
}

/** The F&O adapter on a server, as the composition builds it. */
export function finopsOn(origin: string, options: Access & { honoursIfMatch?: boolean } = {}) {
  const client = httpClient(origin, options);
  const api = createFinopsApi({ baseUrl: origin, client, clock, identifiers });
  const metadata = createFinopsMetadata(api);
  const store = createFinopsRecordStore({ api, metadata, honoursIfMatch: options.honoursIfMatch ?? true });
  return { client, api, metadata, store };
}

/** A shipped map by `application/id`. */
export function shippedMap(path: string): TableMap {
  const file = join(import.meta.dirname, '../../maps', `${path}.json`);
  return tableMapSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** A map compiled with the shapes that both adapters read from their systems. */
export async function compiled(
  map: TableMap,
  finops: ReturnType<typeof finopsOn>,
  dataverse: ReturnType<typeof dataverseOn>,
): Promise<CompiledMap> {
  const paths = [...map.fields.flatMap((field) => field.dataverse ?? []), ...map.key.map((pair) => pair.dataverse)];
  return compileMap(map, {
    finops: must(await finops.metadata.shape(map.finops.entity)),
    dataverse: must(await dataverse.metadata.shape(map.dataverse.table, paths)),
  });
}
