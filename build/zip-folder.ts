import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** All entries bear this time, so that the same files give the same archive. */
const MODIFIED = new Date('2000-01-01T00:00:00');

/** The files of a folder as a zip archive, in the order of their names. */
export function zipFolder(directory: string): Uint8Array {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const archive: Zippable = {};
  for (const file of files) {
    const name = relative(directory, file).split(sep).join('/');
    archive[name] = [readFileSync(file), { mtime: MODIFIED }];
  }
  return zipSync(archive, { level: 9 });
}
