import type { Change } from '../core/change/change.ts';
import { isOldNews } from '../core/change/is-old-news.ts';
import type { CompiledMap } from '../core/map/compiled-map.ts';
import type { RecordKey } from '../core/record/record-key.ts';
import type { RecordCommit, StoredLink } from '../ports/state-store.ts';
import type { Dependencies } from './dependencies.ts';

const NOTHING_ELSE = { audit: [], conflicts: [], park: null, unpark: null } as const;

export interface OldNews {
  settled: number;
  /** Changes that tell something, or may. */
  left: Change[];
  /** Their link moved meanwhile: they are to be looked at again, with the rows of both sides. */
  lost: Change[];
}

/**
 * Echoes and edits that come to nothing end here without a read. Their links are saved nevertheless: a plan that was
 * made before this news, and would write an older value, loses its claim by it.
 */
export async function settleOldNews(
  deps: Pick<Dependencies, 'state' | 'telemetry'>,
  map: CompiledMap,
  changes: readonly Change[],
  links: ReadonlyMap<RecordKey, StoredLink>,
): Promise<OldNews> {
  const old = changes.flatMap((change) => {
    const stored = links.get(change.key ?? '');
    return stored !== undefined && isOldNews(map, stored.link, change) ? [{ change, stored }] : [];
  });
  if (old.length === 0) return { settled: 0, left: [...changes], lost: [] };
  const outcomes = await deps.state.commit(
    old.map(({ stored: { link, etag } }): RecordCommit => {
      return { ...NOTHING_ELSE, mapId: map.id, key: link.key, link, etag };
    }),
  );
  const lost: Change[] = [];
  old.forEach(({ change, stored }, index) => {
    if (outcomes[index]?.kind !== 'saved') lost.push({ ...change, full: true });
    else deps.telemetry.emit({ event: 'change.settled', mapId: map.id, key: stored.link.key, outcome: 'old-news' });
  });
  const done = new Set(old.map(({ change }) => change));
  return { settled: old.length - lost.length, left: changes.filter((change) => !done.has(change)), lost };
}
