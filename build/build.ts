import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleApp } from './bundle.ts';

/** `npm run build`: the app as `func start` finds it from this folder. */
const root = join(import.meta.dirname, '..');
rmSync(join(root, 'dist/functions'), { recursive: true, force: true });
await bundleApp(root, join(root, 'dist/functions/index.js'));
console.log('built dist/functions/index.js');
