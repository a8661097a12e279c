import { failure, type Result, success } from '../../core/fault/fault.ts';
import type { CompiledMap } from '../../core/map/compiled-map.ts';
import type { Row } from '../../core/record/row.ts';
import type { RecordStore, RowWriteResult } from '../../ports/record-store.ts';
import { allAnswers } from '../http/batch-sender.ts';
import { parseObject } from '../http/exact-json.ts';
import { chunked } from '../http/service-address.ts';
import type { FinopsApi } from './finops-api.ts';
import { finopsFault } from './finops-faults.ts';
import type { FinopsMetadata } from './finops-metadata.ts';
import { readByKeys, readByPredicate } from './row-queries.ts';
import { planReading, type ReadPlan, readRow } from './row-reading.ts';
import { writeRows } from './write-rows.ts';

export interface FinopsRecordStoreOptions {
  api: FinopsApi;
  metadata: FinopsMetadata;
  /**
   * Whether the environment refuses a write whose `If-Match` is stale; no page says so for all builds. Where it does
   * not, etags are compared by a read just before writing.
   */
  honoursIfMatch: boolean;
}

/** Writes in one `$batch`; it may hold 5,000 operations, and small batches are faster ("Service protection"). */
const BATCH_WRITES = 100;

/** The rows of one Finance and Operations environment, over OData. */
export function createFinopsRecordStore(options: FinopsRecordStoreOptions): RecordStore {
  const { api, metadata, honoursIfMatch } = options;
  const plans = new WeakMap<CompiledMap, ReadPlan>();
  const planOf = async (map: CompiledMap): Promise<Result<ReadPlan>> => {
    const ready = plans.get(map);
    if (ready !== undefined) return success(ready);
    const entity = await metadata.entity(map.sides.finops.table);
    const plan = entity.ok ? planReading(entity.value, map) : entity;
    if (plan.ok) plans.set(map, plan.value);
    return plan;
  };
  return {
    async read(map, wanted) {
      const plan = await planOf(map);
      if (!plan.ok) return plan;
      return readByKeys(
        api,
        plan.value,
        wanted.map(({ key }) => key),
      );
    },
    async readByIds(map, ids) {
      const plan = await planOf(map);
      return plan.ok ? readPredicates(api, plan.value, ids) : plan;
    },
    async write(map, writes) {
      const plan = await planOf(map);
      if (!plan.ok) return writes.map(() => ({ kind: 'failed', fault: plan.fault }));
      const results: RowWriteResult[] = [];
      for (const some of chunked(writes, BATCH_WRITES)) {
        results.push(...(await writeRows({ api, plan: plan.value, honoursIfMatch }, some)));
      }
      return results;
    },
  };
}

const REC_ID = /^\d+$/;

/** OData knows no address by RecId: only ids that are key predicates can be read. */
async function readPredicates(
  api: FinopsApi,
  plan: ReadPlan,
  ids: readonly string[],
): Promise<Result<ReadonlyMap<string, Row>>> {
  const predicates = [...new Set(ids)].filter((id) => !REC_ID.test(id));
  const requests = predicates.map((predicate) => readByPredicate(api, plan, predicate));
  const answers = allAnswers(await api.send(requests, false));
  if (!answers.ok) return answers;
  const rows = new Map<string, Row>();
  for (const [index, answer] of answers.value.entries()) {
    if (answer.status === 404) continue;
    if (answer.status !== 200) {
      return failure(finopsFault(answer, { operation: 'read', what: `a read of ${plan.entity.entitySet}` }));
    }
    const row = readRow(plan, parseObject(answer.text));
    if (!row.ok) return row;
    rows.set(predicates[index] ?? row.value.id, row.value);
  }
  return success(rows);
}
