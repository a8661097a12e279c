import { randomUUID } from 'node:crypto';
import type { Change } from '../../shared/core/change/change.ts';
import { changeIdentity } from '../../shared/core/change/merge-changes.ts';
import type { Conflict } from '../../shared/core/conflict/conflict.ts';
import { type Link, newLink } from '../../shared/core/link/link.ts';
import type { AuditEntry, ParkedChange, RecordCommit } from '../../shared/ports/state-store.ts';

export const NOW = 1_764_000_000_000;

/** A record as a commit saves it: a new link, and nothing else unless told. */
export function aCommit(mapId: string, key: string, more: Partial<RecordCommit> = {}): RecordCommit {
  const link = newLink(mapId, key);
  return { mapId, key, link, etag: null, audit: [], conflicts: [], park: null, unpark: null, ...more };
}

export function aLink(mapId: string, key: string, more: Partial<Link> = {}): Link {
  return { ...newLink(mapId, key), ...more };
}

export function aChange(mapId: string, key: string | null, more: Partial<Change> = {}): Change {
  return {
    mapId,
    key,
    hinted: ['finops'],
    rowIds: {},
    deletedIds: {},
    full: false,
    attempts: 0,
    releases: 0,
    sinceMs: NOW,
    ...more,
  };
}

export function aParked(change: Change, more: Partial<ParkedChange> = {}): ParkedChange {
  return {
    id: randomUUID(),
    mapId: change.mapId,
    identity: changeIdentity(change),
    change,
    reason: 'failed',
    fault: null,
    parkedAtMs: NOW,
    dueAtMs: NOW + 1000,
    awaits: null,
    ...more,
  };
}

export function anAudit(mapId: string, key: string, id: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    mapId,
    mapVersion: '1.0.0.0',
    key,
    side: 'dataverse',
    operation: 'update',
    rowId: null,
    before: { name: 'Old' },
    after: { name: 'New' },
    cause: 'finops',
    sinceMs: NOW,
    atMs: NOW + 5,
    inferred: false,
    ...more,
  };
}

export function aConflict(mapId: string, key: string, id: string, more: Partial<Conflict> = {}): Conflict {
  return {
    id,
    mapId,
    key,
    field: 'name',
    base: ['A', 'A'],
    values: ['B', 'C'],
    rule: 'finops-wins',
    winner: 'finops',
    loserValue: 'C',
    modifiedAt: { finops: null, dataverse: null },
    modifiedBy: { finops: null, dataverse: null },
    atMs: NOW,
    afterUnknown: false,
    ...more,
  };
}

/** Text that does not compress below three quarters. */
export function noise(chars: number): string {
  let text = '';
  while (text.length < chars) text += randomUUID().replaceAll('-', '');
  return text.slice(0, chars);
}

/** Keys that a careless store would mix up or refuse. */
export const AWKWARD_KEYS = [
  'usmf|c/001',
  'usmf|c\\\\001',
  'a#b?c%d+e',
  'a%2fb',
  "o'brien",
  'say "hi"',
  'tab\tline\nnull\u0000del\u007fhigh\u0085',
  'čaj 茶 🍵',
  '\ud83c',
  '\ud83d',
  'a',
  'a|b',
  'a!b',
  'a=0021b',
  'a~b',
  ' leading and trailing ',
  '.',
  '..',
  'x'.repeat(600),
  `${'x'.repeat(600)}y`,
  '茶'.repeat(300),
];
