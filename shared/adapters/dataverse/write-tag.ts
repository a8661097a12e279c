import { createHmac, timingSafeEqual } from 'node:crypto';
import { epochMs } from '../../core/record/instant.ts';

const PREFIX = 'tw2';

/** Bytes of the signature that are kept: too many to guess, few enough for a query option. */
const SIGNATURE_BYTES = 16;

/** A write is carried out within this time of its tag, by two clocks: a tag that somebody copied is worth no more. */
const VALID_MS = 15 * 60_000;

/** An event that a tag may be about: the row that was written, and when by the server's clock. */
export interface TaggedEvent {
  rowId: string | null;
  occurredAt: string | null;
}

/**
 * A tag for a write of one row: `tw2:<row id>.<milliseconds>:<signature>`. Any client may send any tag, and copy those
 * that it sees; one that was unsigned, or good for other rows or for ever, would let a change go unnoticed.
 */
export function signTag(rowId: string, atMs: number, secret: string): string {
  const about = `${rowId.toLowerCase()}.${Math.floor(atMs)}`;
  return `${PREFIX}:${about}:${signature(about, secret).toString('base64url')}`;
}

/** Whether one of the secrets signed the tag for a write of this row at that time. */
export function isTagOf(tag: string, event: TaggedEvent, secrets: readonly string[]): boolean {
  const [prefix, about = '', signed = '', ...rest] = tag.split(':');
  if (prefix !== PREFIX || rest.length > 0) return false;
  const given = Buffer.from(signed, 'base64url');
  if (given.length !== SIGNATURE_BYTES || given.toString('base64url') !== signed) return false;
  if (!secrets.some((secret) => timingSafeEqual(given, signature(about, secret)))) return false;
  const [rowId = '', atMs = ''] = about.split('.');
  const occurredMs = epochMs(event.occurredAt ?? '');
  const isOfRow = rowId !== '' && event.rowId?.toLowerCase() === rowId;
  return isOfRow && occurredMs !== null && Math.abs(occurredMs - Number(atMs)) <= VALID_MS;
}

function signature(about: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${PREFIX}:${about}`).digest().subarray(0, SIGNATURE_BYTES);
}
