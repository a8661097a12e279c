import { createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'tw1';

/** Bytes of the signature that are kept: too many to guess, few enough for a query option. */
const SIGNATURE_BYTES = 16;

/**
 * A tag that only the holder of the secret can make: `tw1:<payload>:<signature>`. Any client may send any tag, and an
 * unsigned one would let a change go unnoticed. The payload comes base64url encoded.
 */
export function signTag(payload: string, secret: string): string {
  const encoded = Buffer.from(payload, 'utf8').toString('base64url');
  return `${PREFIX}:${encoded}:${signature(encoded, secret).toString('base64url')}`;
}

/** The payload of a tag that one of the secrets signed; null for any other text. */
export function verifyTag(tag: string, secrets: readonly string[]): string | null {
  const [prefix, encoded, signed, ...rest] = tag.split(':');
  if (prefix !== PREFIX || encoded === undefined || signed === undefined || rest.length > 0) return null;
  const given = Buffer.from(signed, 'base64url');
  if (given.length !== SIGNATURE_BYTES) return null;
  const genuine = secrets.some((secret) => timingSafeEqual(given, signature(encoded, secret)));
  return genuine ? Buffer.from(encoded, 'base64url').toString('utf8') : null;
}

function signature(encoded: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${PREFIX}:${encoded}`).digest().subarray(0, SIGNATURE_BYTES);
}
