/** Reads a body as UTF-8 text; null as soon as it has more bytes than the limit. Rejects when the stream breaks. */
export async function readLimited(body: ReadableStream<Uint8Array> | null, limitBytes: number): Promise<string | null> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}
