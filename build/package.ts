import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTimeMs } from './load-time.ts';
import { DURABLE_BACK_ENDS, packageApp } from './package-app.ts';
import { zipFolder } from './zip-folder.ts';

/** `npm run package`: a folder that can be deployed as it is, and the same as an archive. */
const { values } = parseArgs({ options: { 'durable-back-end': { type: 'string', default: 'azureStorage' } } });
const backEnd = DURABLE_BACK_ENDS.find((name) => name === values['durable-back-end']);
if (backEnd === undefined) {
  console.error(`npm run package -- [--durable-back-end ${DURABLE_BACK_ENDS.join('|')}]`);
  process.exit(2);
}
const root = join(import.meta.dirname, '..');
const directory = join(root, 'dist/package');
await packageApp(root, directory, backEnd);
const archive = zipFolder(directory);
writeFileSync(join(root, 'dist/twinwrite.zip'), archive);
const bundle = join(directory, 'dist/functions/index.js');
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
console.log(
  `dist/package, for ${backEnd}: bundle ${kilobytes(statSync(bundle).size)}, loads in ${Math.round(loadTimeMs(bundle))} ms`,
);
console.log(`dist/twinwrite.zip: ${kilobytes(archive.length)}`);
