import { join } from 'node:path';
import { packageApp } from './package-app.ts';

/** `npm run package`: a folder that can be deployed as it is. */
const root = join(import.meta.dirname, '..');
const directory = join(root, 'dist/package');
await packageApp(root, directory);
console.log('packaged dist/package');
