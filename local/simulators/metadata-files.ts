import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableMetadata } from './dataverse/table-metadata.ts';
import type { EntityMetadata, EnumMember } from './finops/metadata.ts';

/** The metadata of both systems. */
export interface SimulatorMetadata {
  tables: TableMetadata[];
  entities: EntityMetadata[];
  enums: Record<string, EnumMember[]>;
}

/** Reads `dataverse/*.json`, `finops/*.json` and `finops/enums.json` of a folder; rejects for unreadable files. */
export async function readMetadata(directory: string): Promise<SimulatorMetadata> {
  const tables = await readFolder<TableMetadata>(join(directory, 'dataverse'));
  const entities = await readFolder<EntityMetadata>(join(directory, 'finops'), 'enums.json');
  const enums = await readJson<Record<string, EnumMember[]>>(join(directory, 'finops', 'enums.json'));
  return { tables, entities, enums };
}

async function readFolder<T>(directory: string, except?: string): Promise<T[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json') && name !== except).sort();
  return Promise.all(names.map((name) => readJson<T>(join(directory, name))));
}

async function readJson<T>(path: string): Promise<T> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    throw new Error(`${path} cannot be read as JSON.`, { cause: error });
  }
}
