import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { shapeFindings } from '../shared/adapters/documented-map/shape-findings.ts';
import type { Finding } from '../shared/core/map/map-codes.ts';
import { type TableMap, tableMapSchema } from '../shared/core/map/table-map.ts';

/** A map file, or why it is none. */
export interface MapFile {
  file: string;
  map: TableMap | null;
  findings: Finding[];
}

/** Folders of a map folder that hold no maps. */
const NO_MAPS = /(?:^|\/)metadata\/|(?:^|\/)schema\.json$/;

/** The map files that the paths name: files as they are, folders with all below them. @throws InvalidArgumentError */
export function mapFilesIn(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new InvalidArgumentError(`There is no file or folder ${path}.`);
    if (!statSync(path).isDirectory()) return [path];
    const files = globSync('**/*.json', { cwd: path }).filter((file) => !NO_MAPS.test(file));
    return files.sort().map((file) => join(path, file));
  });
  if (found.length === 0) throw new InvalidArgumentError(`There are no map files in ${paths.join(', ')}.`);
  return [...new Set(found)];
}

export function readMapFile(file: string): MapFile {
  const refused = (findings: Finding[]): MapFile => ({ file, map: null, findings });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = `it is no JSON: ${error instanceof Error ? error.message : String(error)}`;
    return refused([{ code: 'M00', path: '', message }]);
  }
  const parsed = tableMapSchema.safeParse(json);
  if (parsed.success) return { file, map: parsed.data, findings: [] };
  return refused(shapeFindings(parsed.error).map((finding) => ({ ...finding, code: 'M00' })));
}

/** The map of a file that has to be one. @throws InvalidArgumentError */
export function mapIn(file: string): TableMap {
  if (!existsSync(file)) throw new InvalidArgumentError(`There is no file ${file}.`);
  const { map, findings } = readMapFile(file);
  if (map !== null) return map;
  const problems = findings.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw new InvalidArgumentError(`${file} is no map: ${problems.join('; ')}`);
}

/** Writes a map as `<id>.json` and returns the file's name. */
export function writeMapFile(folder: string, map: TableMap): string {
  const file = join(folder, `${map.id}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, mapText(map));
  return file;
}

/** As the shipped maps are written: members in the order of the schema, short lists on one line, so that a value map reads as pairs. */
function mapText(map: TableMap): string {
  const text = JSON.stringify(tableMapSchema.parse(map), null, 2);
  return `${text.replace(/\[\s+("(?:[^"\\]|\\.)*"),\s+("(?:[^"\\]|\\.)*")\s+\]/g, '[$1, $2]')}\n`;
}

/** A file of another format. @throws InvalidArgumentError */
export function bytesOf(file: string): Uint8Array {
  if (!existsSync(file) || statSync(file).isDirectory()) throw new InvalidArgumentError(`There is no file ${file}.`);
  return readFileSync(file);
}

/** `metadata` beside the map's folder or in it, as the shipped maps have it; null where there is none. */
export function metadataBeside(file: string): string | null {
  const folder = dirname(file);
  const candidates = [join(folder, 'metadata'), join(folder, '..', 'metadata')];
  return candidates.find((path) => existsSync(path) && basename(path) === 'metadata') ?? null;
}
