import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** A string property holds 32 K characters, a binary one 64 KiB, a row 1 MiB ("Understanding the Table service data model"). */
const TEXT_CHARS_MAX = 32 * 1024;
const CHUNK_BYTES = 64 * 1024;
const CHUNKS_MAX = 15;

/** Properties that hold one JSON text: readable while short, compressed and cut into chunks when long. */
export type JsonProperties = Record<string, string | Uint8Array>;

/** @throws Error when the text is beyond what a row holds even when compressed (about 960 KiB). */
export function packText(text: string): JsonProperties {
  if (text.length <= TEXT_CHARS_MAX) return { json: text };
  const bytes = deflateRawSync(text);
  if (bytes.length > CHUNKS_MAX * CHUNK_BYTES) {
    throw new Error(`A value of ${text.length} characters does not fit a row of Table Storage, not even compressed.`);
  }
  const properties: JsonProperties = {};
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    properties[`chunk${start / CHUNK_BYTES}`] = bytes.subarray(start, start + CHUNK_BYTES);
  }
  return properties;
}

/** The text that `packText` stored. */
export function unpackText(row: Readonly<Record<string, unknown>>): string {
  const { json } = row;
  if (typeof json === 'string') return json;
  const chunks: Uint8Array[] = [];
  for (let index = 0; row[`chunk${index}`] instanceof Uint8Array; index += 1) {
    chunks.push(row[`chunk${index}`] as Uint8Array);
  }
  return inflateRawSync(Buffer.concat(chunks)).toString('utf8');
}

/** The value that a row holds as JSON; the rows are ours, so its shape is not checked again. */
export function unpackValue<T>(row: Readonly<Record<string, unknown>>): T {
  return JSON.parse(unpackText(row)) as T;
}
