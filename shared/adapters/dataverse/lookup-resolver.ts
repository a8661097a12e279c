import { type Fault, type Result, success } from '../../core/fault/fault.ts';
import type { Values } from '../../core/record/canonical-value.ts';
import { chunked, queryText } from '../http/service-address.ts';
import type { DataverseApi } from './dataverse-api.ts';
import type { Tables } from './dataverse-table.ts';
import { type Condition, conditionOf, equalTerm, groupedFilter } from './filter-text.ts';
import { type Candidate, candidateOf } from './lookup-binding.ts';
import { createProjection } from './projection.ts';
import { type ReadPlan, rowsOfAnswer } from './row-queries.ts';

/** Ids of the rows that lookups mean, remembered once found. */
export interface LookupResolver {
  /** Finds the candidates not yet known in one call. Faults as for `RecordStore.read`. */
  resolve(tables: Tables, candidates: readonly Candidate[]): Promise<Fault | null>;
  /** The row's id, if it was found. */
  idOf(candidate: Candidate): string | undefined;
  /** Drops an id that proved wrong. */
  forget(candidate: Candidate): void;
}

/** Ids kept; the oldest go first. About 200 bytes each. */
const KEPT = 100_000;
/** Rows looked for in one query. */
const PER_QUERY = 40;

export function createLookupResolver(api: DataverseApi): LookupResolver {
  const ids = new Map<string, string>();
  return {
    idOf: (candidate) => ids.get(candidate.name),
    forget: (candidate) => {
      ids.delete(candidate.name);
    },
    async resolve(tables, candidates) {
      const missing = new Map(candidates.map((candidate) => [candidate.name, candidate]));
      for (const name of missing.keys()) if (ids.has(name)) missing.delete(name);
      const found = await findAll(api, tables, [...missing.values()]);
      if (!found.ok) return found.fault;
      for (const [name, id] of found.value) ids.set(name, id);
      dropOldest(ids);
      return null;
    },
  };
}

function dropOldest(ids: Map<string, string>): void {
  for (const name of ids.keys()) {
    if (ids.size <= KEPT) return;
    ids.delete(name);
  }
}

/** Candidates of one table that are named by the same paths are found by one query. */
interface Search {
  like: Candidate;
  plan: ReadPlan;
  path: string;
}

async function findAll(
  api: DataverseApi,
  tables: Tables,
  candidates: readonly Candidate[],
): Promise<Result<Map<string, string>>> {
  const groups = Map.groupBy(candidates, (each) => JSON.stringify([each.table.logicalName, pathsOf(each)]));
  const searches: Search[] = [];
  for (const some of [...groups.values()].flatMap((group) => chunked(group, PER_QUERY))) {
    const search = searchFor(tables, some);
    if (!search.ok) return search;
    if (search.value !== null) searches.push(search.value);
  }
  const answers = await api.read(searches.map((search) => search.path));
  if (!answers.ok) return answers;
  const found = new Map<string, string>();
  for (const [index, search] of searches.entries()) {
    const rows = rowsOfAnswer(search.plan, answers.value[index] ?? { status: 0, headers: {}, text: '' });
    if (!rows.ok) return rows;
    for (const row of rows.value) {
      const { name } = asFound(search.like, row.values);
      if (!found.has(name)) found.set(name, row.id);
    }
  }
  return success(found);
}

/** The candidate that a row answers: the values searched for, as the row has them. */
function asFound(like: Candidate, values: Values): Candidate {
  const terms = like.terms.map(([path]) => [path, values[path] ?? null] as const);
  const company = like.company === null ? null : ([like.company[0], values[like.company[0]] ?? ''] as const);
  return candidateOf(like.table, like.navigation, terms, company);
}

/** The query for candidates that are named alike; null where none of them can exist. */
function searchFor(tables: Tables, candidates: readonly Candidate[]): Result<Search | null> {
  const [first] = candidates;
  if (first === undefined) return success(null);
  const { table } = first;
  const projection = createProjection(tables, table, pathsOf(first));
  if (!projection.ok) return projection;
  const conditions = candidates.flatMap((candidate) => conditionFor(tables, candidate) ?? []);
  if (conditions.length === 0) return success(null);
  const filter = queryText(groupedFilter(conditions));
  const path = `${table.entitySetName}?${projection.value.query}&$filter=${filter}`;
  return success({ like: first, plan: { tables, table, projection: projection.value }, path });
}

function conditionFor(tables: Tables, { table, terms, company }: Candidate): Condition | null {
  const shared = company === null ? [] : [equalTerm(tables, table, company[0], company[1])];
  const own = terms.map(([path, value]) => equalTerm(tables, table, path, value));
  const known = [...shared, ...own].filter((term) => term !== null);
  if (known.length < shared.length + own.length) return null;
  return conditionOf(known.slice(0, shared.length), known.slice(shared.length));
}

function pathsOf(candidate: Candidate): string[] {
  const terms = candidate.terms.map(([path]) => path);
  return candidate.company === null ? terms : [candidate.company[0], ...terms];
}
