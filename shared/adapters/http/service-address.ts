/** Percent-encodes a query option's value (halves of characters become the replacement character), sparing the marks that OData uses and a query may hold (RFC 3986, 3.4). */
export function queryText(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:2C|3A|24|2F|3D|3B|40)/g, (code) =>
    decodeURIComponent(code),
  );
}

/** A text as an OData string literal: in single quotes, inner ones doubled (OData 4.01 Part 2 section 5.1.1.6.1). */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Consecutive pieces of at most `size`. */
export function chunked<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
