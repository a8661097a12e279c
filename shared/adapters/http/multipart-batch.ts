/** One request inside a `$batch`; the URL is written as given. */
export interface BatchRequest {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** JSON text; absent for requests without a body. */
  body?: string;
}

/** A request of its own, or requests that stand or fall together. */
export type BatchItem = BatchRequest | { changeset: readonly BatchRequest[] };

/** One message of a `$batch` as it was read: the request or status line, and what follows it. */
interface BatchPart {
  startLine: string;
  /** Names in lower case; later ones of a name win. */
  headers: Readonly<Record<string, string>>;
  body: string;
  contentId: string | null;
}

export type ParsedItem = BatchPart | { changeset: readonly BatchPart[] };

/** A part read as an answer. */
export interface BatchAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

const CRLF = '\r\n';

/** The content type to send a `$batch` body with (OData 4.01 Part 1 section 11.7). */
export function batchContentType(boundary: string): string {
  return `multipart/mixed; boundary=${boundary}`;
}

/**
 * Writes a `$batch` body. The boundary must not occur in it; a random one does not. Requests get Content-ID 1, 2, 3 …
 * in order.
 */
export function writeBatch(items: readonly BatchItem[], boundary: string): string {
  let contentId = 0;
  const message = (request: BatchRequest): string => {
    contentId += 1;
    return writeMessage(request, contentId);
  };
  const texts = items.map((item, index) => {
    if (!('changeset' in item)) return `--${boundary}${CRLF}${message(item)}`;
    const inner = `changeset_${index}_${boundary}`;
    const parts = item.changeset.map((request) => `--${inner}${CRLF}${message(request)}`);
    const head = `--${boundary}${CRLF}Content-Type: ${batchContentType(inner)}${CRLF}${CRLF}`;
    return `${head}${parts.join('')}--${inner}--${CRLF}`;
  });
  return `${texts.join('')}--${boundary}--${CRLF}`;
}

function writeMessage(request: BatchRequest, contentId: number): string {
  const lines = [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    `Content-ID: ${contentId}`,
    '',
    `${request.method} ${request.url} HTTP/1.1`,
    ...Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(request.body === undefined ? [] : ['Content-Type: application/json; charset=utf-8']),
    '',
    request.body ?? '',
    '',
  ];
  return lines.join(CRLF);
}

/** Reads a `$batch` body, request or answer; null when it is none, or ends before its closing boundary. */
export function parseBatch(contentType: string, text: string): ParsedItem[] | null {
  const boundary = boundaryOf(contentType);
  const parts = boundary === null ? null : splitParts(text, boundary);
  if (parts === null) return null;
  const items: ParsedItem[] = [];
  for (const part of parts) {
    const item = parseItem(part);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

function parseItem(part: string): ParsedItem | null {
  const { headers, body } = splitHead(part);
  const inner = boundaryOf(headers['content-type'] ?? '');
  if (inner === null) return parseMessage(headers, body);
  const parts = splitParts(body, inner);
  if (parts === null) return null;
  const changeset = parts.map((text) => {
    const nested = splitHead(text);
    return parseMessage(nested.headers, nested.body);
  });
  return { changeset };
}

function parseMessage(outer: Readonly<Record<string, string>>, text: string): BatchPart {
  const [startLine = ''] = text.split(/\r?\n/, 1);
  const { headers, body } = splitHead(text.slice(startLine.length).replace(/^\r?\n/, ''));
  return { startLine, headers, body, contentId: outer['content-id'] ?? headers['content-id'] ?? null };
}

/**
 * One answer per item: a change set is answered as a whole by its last part, which is the one that failed, or tells
 * what the last request made.
 */
export function batchAnswers(items: readonly ParsedItem[]): BatchAnswer[] {
  return items.map((item) => {
    const part = 'changeset' in item ? item.changeset.at(-1) : item;
    return {
      status: Number(part?.startLine.split(' ')[1] ?? 0),
      headers: part?.headers ?? {},
      text: part?.body ?? '',
    };
  });
}

function boundaryOf(contentType: string): string | null {
  return (
    /^\s*multipart\/mixed\s*;.*?\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)?.slice(1).find(Boolean) ?? null
  );
}

/** The texts between the boundaries, without the line ends that belong to these (RFC 2046 section 5.1.1). */
function splitParts(text: string, boundary: string): string[] | null {
  // One boundary may begin like another, so what follows it counts.
  const delimiter = new RegExp(`\\r\\n--${boundary.replace(/[^\w]/g, '\\$&')}(?=--|[ \\t]*\\r\\n)`);
  const pieces = `${CRLF}${text}`.split(delimiter);
  const end = pieces.findIndex((piece, index) => index > 0 && piece.startsWith('--'));
  return end < 0 ? null : pieces.slice(1, end).map((piece) => piece.replace(/^[ \t]*\r\n/, ''));
}

function splitHead(text: string): { headers: Record<string, string>; body: string } {
  const headers: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end).replace(/\r$/, '');
    at = end + 1;
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, body: text.slice(at) };
}
