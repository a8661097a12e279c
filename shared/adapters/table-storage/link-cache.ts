import type { Link } from '../../core/link/link.ts';
import type { RecordKey } from '../../core/record/record-key.ts';
import type { RecordRef, StoredLink } from '../../ports/state-store.ts';
import { createBoundedCache } from './bounded-cache.ts';

/** A link as text: a third of the memory of the object, and nobody can change what is kept. */
interface CachedLink {
  text: string;
  etag: string;
  claimed: boolean;
}

/** Links of hot records, bounded by characters. A stale one only loses its commit, and is then forgotten. */
export interface LinkCache {
  load(ref: RecordRef): StoredLink | null;
  /** Whether the link with that etag has a claim; undefined when that link is not here. */
  claimed(ref: RecordRef, etag: string | null): boolean | undefined;
  keep(ref: RecordRef, saved: { text: string; etag: string; claimed: boolean }): void;
  forget(ref: RecordRef): void;
}

export function createLinkCache(charsMax: number): LinkCache {
  const cache = createBoundedCache<CachedLink>(charsMax);
  return {
    load(ref) {
      const cached = cache.get(nameOf(ref));
      return cached === undefined ? null : { link: JSON.parse(cached.text) as Link, etag: cached.etag };
    },
    claimed(ref, etag) {
      const cached = cache.get(nameOf(ref));
      return cached?.etag === etag ? cached?.claimed : undefined;
    },
    keep: (ref, saved) => cache.set(nameOf(ref), saved, saved.text.length),
    forget: (ref) => cache.delete(nameOf(ref)),
  };
}

/** Map ids hold no space. */
function nameOf({ mapId, key }: { mapId: string; key: RecordKey }): string {
  return `${mapId} ${key}`;
}
