import { cellFragment, parseCsv, renderCsv, stagingFields } from './csv-file.ts';
import { parseExact } from './exact-json.ts';
import { type Entity, entityNamed, type Model } from './metadata.ts';
import type { RowStore } from './row-store.ts';
import { type ArchiveFile, readZip, writeZip } from './zip-archive.ts';

/** A data project, which must exist before a package job can name it: entities by public name, set name or AOT name. */
export interface DataProject {
  id: string;
  entities: string[];
}

/** One row of a package file, as a body of the entity. */
export interface PackageRow {
  entity: Entity;
  /** The parsed body, company included. */
  body: unknown;
}

function labelOf(entity: Entity): string {
  return entity.metadata.label ?? entity.metadata.name;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function manifest(project: DataProject, entities: readonly Entity[]): string {
  const list = entities.map(
    (entity) =>
      `<DataManagementPackageEntityData><EntityName>${escapeXml(labelOf(entity))}</EntityName><InputFilePath>${escapeXml(labelOf(entity))}.csv</InputFilePath></DataManagementPackageEntityData>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?><DataManagementPackageManifest><DefinitionGroupName>${escapeXml(project.id)}</DefinitionGroupName><PackageEntityList>${list.join('')}</PackageEntityList></DataManagementPackageManifest>`;
}

function entitiesOf(project: DataProject, model: Model): Entity[] {
  return project.entities.map((name) => {
    const entity = entityNamed(model, name);
    if (entity === undefined) {
      throw new Error(`The data project ${project.id} names no known entity ${name}.`);
    }
    return entity;
  });
}

/** Packs the rows of one company (shared entities whole): Manifest.xml, PackageHeader.xml and a CSV file per entity. */
export function writePackage(
  project: DataProject,
  model: Model,
  store: RowStore,
  company: string,
  limit: number,
): Buffer {
  const entities = entitiesOf(project, model);
  const files: ArchiveFile[] = [
    { name: 'Manifest.xml', content: Buffer.from(manifest(project, entities)) },
    {
      name: 'PackageHeader.xml',
      content: Buffer.from(
        `<?xml version="1.0" encoding="utf-8"?><DataManagementPackageHeader><Description>${escapeXml(project.id)}</Description></DataManagementPackageHeader>`,
      ),
    },
  ];
  for (const entity of entities) {
    const rows = [...store.all(entity)].filter(
      (row) => !entity.metadata.companySpecific || row.values['dataAreaId'] === company,
    );
    const kept = limit === 0 ? rows : rows.slice(0, limit);
    files.push({ name: `${labelOf(entity)}.csv`, content: Buffer.from(renderCsv(entity, kept)) });
  }
  return writeZip(files);
}

function rowsOf(entity: Entity, text: string, company: string): PackageRow[] {
  const [header = [], ...records] = parseCsv(text.replace(/^\uFEFF/, ''));
  const fields = header.map((column) => {
    const field = stagingFields(entity).find(({ name }) => name.toUpperCase() === column.trim().toUpperCase());
    if (field === undefined) {
      throw new Error(`Column ${column} is not mapped to entity ${labelOf(entity)}.`);
    }
    return field;
  });
  return records.map((record) => {
    // The staging mapping passes over what nobody may write, such as the time of the last change.
    const members = fields.flatMap((field, index) =>
      field.allowEdit === false && field.allowEditOnCreate === false
        ? []
        : [`"${field.name}":${cellFragment(record[index] ?? '', field)}`],
    );
    if (entity.metadata.companySpecific) {
      members.push(`"dataAreaId":${JSON.stringify(company)}`);
    }
    return { entity, body: parseExact(`{${members.join(',')}}`) };
  });
}

/** The rows of a package in the order of the project's entities; throws when it is no package of the project. */
export function readPackage(project: DataProject, model: Model, archive: Buffer, company: string): PackageRow[] {
  const files = new Map(readZip(archive).map((file) => [file.name, file.content.toString('utf8')]));
  if (!files.has('Manifest.xml') || !files.has('PackageHeader.xml')) {
    throw new Error('The package has no Manifest.xml or no PackageHeader.xml.');
  }
  return entitiesOf(project, model).flatMap((entity) => {
    const text = files.get(`${labelOf(entity)}.csv`);
    return text === undefined ? [] : rowsOf(entity, text, company);
  });
}
