import { badRequest } from './web-fault.ts';

/** One part of a multipart body. */
export interface MultipartPart {
  headers: Record<string, string>;
  body: string;
}

/** The request inside a part of type `application/http`. */
export interface EmbeddedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The boundary of a multipart content type, or undefined for another type. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^multipart\/mixed\b/i.test(contentType)) return undefined;
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** Splits a multipart body; lines must end with CRLF as the page demands (a bare LF is refused). */
export function parseMultipart(text: string, boundary: string): MultipartPart[] {
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`);
  if (pieces.length < 2) throw badRequest('The batch body does not hold the boundary of its content type.');
  const last = pieces.at(-1) ?? '';
  if (!last.startsWith('--')) throw badRequest('The batch body ends without its closing boundary.');
  return pieces.slice(1, -1).map((piece) => {
    const content = piece.replace(/^[ \t]*\r\n/, '');
    const { head, body } = splitHead(content);
    return { headers: parseHeaders(head), body };
  });
}

/** Reads the request line, headers and body of an embedded request. */
export function parseEmbeddedRequest(text: string): EmbeddedRequest {
  const { head, body } = splitHead(text.replace(/^(\r\n)+/, ''));
  const [line = '', ...headerLines] = head.split('\r\n');
  const match = /^([A-Z]+) (\S.*?) HTTP\/\d(?:\.\d)?$/.exec(line.trim());
  if (match === null) throw badRequest(`'${line}' is not a request line.`);
  return {
    method: match[1] ?? '',
    url: match[2] ?? '',
    headers: parseHeaders(headerLines.join('\r\n')),
    // The line end before the next boundary belongs to the boundary; a second one is padding.
    body: body.replace(/\r\n$/, ''),
  };
}

/** Writes a multipart body. */
export function writeMultipart(boundary: string, parts: readonly MultipartPart[]): string {
  const written = parts.map(({ headers, body }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `--${boundary}\r\n${lines.join('')}\r\n${body}\r\n`;
  });
  return `${written.join('')}--${boundary}--\r\n`;
}

function splitHead(text: string): { head: string; body: string } {
  const end = text.indexOf('\r\n\r\n');
  if (text.startsWith('\r\n')) return { head: '', body: text.slice(2) };
  if (end < 0) return { head: text.replace(/\r\n$/, ''), body: '' };
  return { head: text.slice(0, end), body: text.slice(end + 4) };
}

function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}
