import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RpcCookie, RpcHttp } from './typed-data.ts';

/** Largest request body taken, as on Azure's front end. */
const MAX_BODY_BYTES = 100 * 1024 * 1024;

/** Reads the whole body. Resolves with null when it is larger than the limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) {
      return null;
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Answers with a status and nothing else, or a JSON text. */
export function answer(response: ServerResponse, status: number, json?: string): void {
  response.statusCode = status;
  if (json !== undefined) {
    response.setHeader('content-type', 'application/json; charset=utf-8');
  }
  response.end(json);
}

/** Answers with what an HTTP function returned; nothing returned means 204. */
export function answerFromFunction(response: ServerResponse, http: RpcHttp | undefined): void {
  if (http === undefined) {
    answer(response, 204);
    return;
  }
  response.statusCode = Number(http.statusCode ?? 200);
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    response.setHeader(name, value);
  }
  if (http.cookies !== undefined && http.cookies.length > 0) {
    const before = response.getHeader('set-cookie');
    const kept = before === undefined ? [] : [before].flat().map(String);
    response.setHeader('set-cookie', [...kept, ...http.cookies.map(cookieText)]);
  }
  response.end(http.body?.bytes ?? http.body?.string);
}

/** RFC 6265, section 4.1.1. */
function cookieText(cookie: RpcCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) {
      parts.push(`${name}=${value}`);
    }
  };
  add('Max-Age', cookie.maxAge?.value);
  add('Domain', cookie.domain?.value);
  add('Path', cookie.path?.value);
  add('Expires', expiryText(cookie.expires));
  if (cookie.httpOnly?.value === true) {
    parts.push('HttpOnly');
  }
  if (cookie.secure?.value === true) {
    parts.push('Secure');
  }
  const sites = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;
  add('SameSite', sites[cookie.sameSite ?? 'none']);
  return parts.join('; ');
}

function expiryText(expires: RpcCookie['expires']): string | undefined {
  const value = expires?.value;
  if (value === undefined) {
    return undefined;
  }
  const instant = typeof value === 'object' && 'seconds' in value ? value.seconds * 1000 : value;
  return new Date(instant).toUTCString();
}
