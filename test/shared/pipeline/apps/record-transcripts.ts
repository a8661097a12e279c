import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../../../shared/core/change/change.ts';
import { aFault, times } from '../memory-side.ts';
import {
  createPipeline,
  customerChange,
  finopsCustomer,
  linkedCustomers,
  type Pipeline,
  type RunOptions,
} from '../pipeline-fixture.ts';

/**
 * `node test/shared/pipeline/apps/record-transcripts.ts`: records orchestrations as they run today. Recorded ones are
 * what an orchestration may find in its history after an update, so add new files rather than record old ones anew.
 */
const TRANSCRIPTS = join(import.meta.dirname, '../../../fixtures/transcripts');

async function record(
  name: string,
  pipeline: Pipeline,
  changes: readonly Change[],
  options: RunOptions = {},
): Promise<void> {
  const owner = `sync-${name}`;
  const { turns, report } = await pipeline.run(changes, { ...options, owner });
  const batch = { mapId: changes[0]?.mapId ?? '', changes };
  const text = JSON.stringify({ batch, owner, turns, report }, null, 2);
  writeFileSync(join(TRANSCRIPTS, `${name}.json`), `${text}\n`);
}

async function edited(): Promise<Pipeline> {
  const { pipeline, ids } = await linkedCustomers(['c1', 'c2']);
  for (const account of ['c1', 'c2']) pipeline.sides.finops.edit(ids[account]?.finops ?? '', { Name: 'New' });
  return pipeline;
}

const both = [customerChange('c1'), customerChange('c2')];
mkdirSync(TRANSCRIPTS, { recursive: true });

const fresh = await createPipeline();
fresh.sides.finops.put('Customers', finopsCustomer('c1'));
await record('one-new-row', fresh, [customerChange('c1')]);

await record('two-edits', await edited(), both);

const settled = await linkedCustomers(['c1']);
await record('nothing-new', settled.pipeline, [customerChange('c1', { full: true })]);

const throttled = await edited();
throttled.sides.dataverse.script.onWrite = times(1, aFault('throttled', 'TW101', { retryAfterMs: 7_000 }));
await record('throttled-once', throttled, both);

const exhausted = await edited();
exhausted.sides.dataverse.script.onWrite = ({ key }) => (key === 'usmf|c1' ? aFault('transient', 'TW102') : null);
await record('attempts-used-up', exhausted, both);

const stale = await linkedCustomers(['c1']);
stale.pipeline.sides.finops.edit(stale.ids['c1']?.finops ?? '', { Name: 'Ours' });
stale.pipeline.sides.dataverse.edit(stale.ids['c1']?.dataverse ?? '', { phone: 'theirs' });
await record('changed-meanwhile', stale.pipeline, [customerChange('c1')]);

const altered = await edited();
altered.sides.dataverse.script.plugIn = (values) => ({ ...values, name: values['name']?.toUpperCase() ?? null });
await record('answer-goes-back', altered, both);

const unreadable = await edited();
unreadable.sides.finops.script.onRead = times(1, aFault('transient', 'TW102'));
await record('read-failed-once', unreadable, both);

const paused = await edited();
await record('paused-before-the-write', paused, both, {
  before: async (command) => {
    if (command.kind === 'write') await paused.deps.mapStore.setStatus('customers', 'pausing');
  },
});
