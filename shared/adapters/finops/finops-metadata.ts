import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { TableShape } from '../../core/map/compiled-map.ts';
import { asObject, parseObject, rowsOf } from '../http/exact-json.ts';
import { type EnumMembers, entityFromDefinition, enumNamesOf } from './entity-definition.ts';
import type { FinopsApi } from './finops-api.ts';
import { type FinopsEntity, fieldOf } from './finops-entity.ts';
import { finopsFault } from './finops-faults.ts';

type Json = Readonly<Record<string, unknown>>;

/** Definitions of the entities of one environment, each read once. */
export interface FinopsMetadata {
  /** By entity set. Faults: `configuration` for an unknown one, and as for reads. */
  entity(entitySet: string): Promise<Result<FinopsEntity>>;
  /** What the core must know of an entity to run a map on it. Faults as for `entity`. */
  shape(entitySet: string): Promise<Result<TableShape>>;
  /** Name that data events have for the entity, in lower case. Faults as for `entity`. */
  physicalName(entitySet: string): Promise<Result<string>>;
}

export function createFinopsMetadata(api: FinopsApi): FinopsMetadata {
  const entities = new Map<string, FinopsEntity>();
  const enums = new Map<string, EnumMembers>();
  let list: Promise<Result<Json[]>> | null = null;

  const entityList = async (): Promise<Result<Json[]>> => {
    list ??= readList(api);
    const read = await list;
    if (!read.ok) list = null;
    return read;
  };
  const entity = async (entitySet: string): Promise<Result<FinopsEntity>> => {
    const known = entities.get(entitySet);
    if (known !== undefined) return success(known);
    const listed = await entityList();
    if (!listed.ok) return listed;
    const entry = listed.value.find((each) => each['PublicCollectionName'] === entitySet);
    if (entry === undefined) return failure(unknownEntity(entitySet));
    const read = await readEntity(api, entry, enums);
    if (read.ok) entities.set(entitySet, read.value);
    return read;
  };
  return {
    entity,
    async shape(entitySet) {
      const read = await entity(entitySet);
      return read.ok ? success(entityShape(read.value)) : read;
    },
    async physicalName(entitySet) {
      const read = await entity(entitySet);
      return read.ok ? success(read.value.physicalName) : read;
    },
  };
}

async function readList(api: FinopsApi): Promise<Result<Json[]>> {
  const answer = await api.metadata('DataEntities');
  if (!answer.ok) return answer;
  const rows = answer.value.status === 200 ? rowsOf(answer.value.text) : null;
  if (rows !== null) return success(rows);
  return failure(finopsFault(answer.value, { operation: 'read', what: 'the list of data entities' }));
}

async function readEntity(api: FinopsApi, entry: Json, enums: Map<string, EnumMembers>): Promise<Result<FinopsEntity>> {
  const definition = await readObject(api, `PublicEntities('${entry['PublicEntityName']}')`);
  if (!definition.ok) return definition;
  for (const name of enumNamesOf(definition.value)) {
    if (enums.has(name)) continue;
    const read = await readObject(api, `PublicEnumerations('${name}')`);
    if (!read.ok) return read;
    enums.set(name, membersOf(read.value));
  }
  return success(entityFromDefinition(definition.value, String(entry['Name']), enums));
}

async function readObject(api: FinopsApi, path: string): Promise<Result<Json>> {
  const answer = await api.metadata(path);
  if (!answer.ok) return answer;
  if (answer.value.status === 200) return success(parseObject(answer.value.text));
  return failure(finopsFault(answer.value, { operation: 'read', what: `the definition ${path}` }));
}

function membersOf(definition: Json): EnumMembers {
  const members = definition['Members'];
  if (!Array.isArray(members)) return {};
  return Object.fromEntries(members.map(asObject).map((member) => [String(member['Name']), Number(member['Value'])]));
}

function unknownEntity(entitySet: string): Fault {
  const message = `Finance and Operations has no public data entity ${entitySet}. Compare the map with its metadata.`;
  return { code: 'TW106', class: 'configuration', message };
}

/** What the core must know of an entity. */
export function entityShape(entity: FinopsEntity): TableShape {
  const keys = entity.keys.map((field) => field.name.toLowerCase());
  return {
    typeOf: (column) => fieldOf(entity, column)?.type ?? null,
    companyColumn: entity.companyColumn,
    createOnly: (column) => {
      const field = fieldOf(entity, column);
      return field !== undefined && (field.isKey || !field.allowEdit);
    },
    // Data events carry the computed fields, too.
    computed: () => false,
    lookupTables: () => [],
    uniqueBy: (columns) => {
      const given = columns.map((column) => column.toLowerCase());
      return keys.every((key) => given.includes(key));
    },
    tellsModifiedAt: entity.modifiedAt !== null,
  };
}
