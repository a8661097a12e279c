import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { SimResponse } from './exchange.ts';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** The page is made of its own files only: no inline script or style, no frame around it. */
const contentSecurityPolicy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A file of the page, `index.html` for the folder itself; undefined when there is no such file. */
export async function readPage(directory: string, path: string): Promise<SimResponse | undefined> {
  const name = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  const file = normalize(join(directory, name));
  const type = contentTypes[extname(file)];
  // Nothing outside the folder, and no kind of file that a page does not consist of.
  if (!file.startsWith(normalize(directory) + sep) || type === undefined) return undefined;
  try {
    const headers = {
      'content-type': type,
      'cache-control': 'no-cache',
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    };
    return { status: 200, headers, body: await readFile(file) };
  } catch {
    return undefined;
  }
}
