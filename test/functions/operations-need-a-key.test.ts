import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

it('S13: every route asks for a function key, but health and the two that senders with keys of their own post to', () => {
  const source = globSync('functions/**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'));
  const triggers = source.flatMap((text) => [...text.matchAll(/app\.http\('[^']+', \{([\s\S]*?)\n?\}\);/g)]);
  const routes = triggers.map(([, options = '']) => ({
    route: /route: '([^']+)'/.exec(options)?.[1],
    level: /authLevel: '([^']+)'/.exec(options)?.[1],
  }));
  expect(routes.length).toBeGreaterThan(8);
  expect(routes).toHaveLength(source.join('').split('app.http(').length - 1);
  const open = routes.filter(({ level }) => level !== 'function').map(({ route }) => route);
  expect(open.sort()).toEqual(['api/health', 'api/ingress/dataverse', 'api/ingress/finops']);
});
