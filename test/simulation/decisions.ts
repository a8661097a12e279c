import { half } from '../../shared/core/link/link.ts';
import { SIDES } from '../../shared/core/record/side.ts';
import { type Choice, decideConflict } from '../../shared/pipeline/decide-conflict.ts';
import { type ShownConflict, showConflicts } from '../../shared/pipeline/show-conflicts.ts';
import type { HistoryRecord } from './history-record.ts';
import type { Random } from './random.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { MAPS } from './simulated-maps.ts';

/** Records of a map that are looked through for a conflict. */
const RECORDS = 10;

/** A person who decides conflicts as they wait, and now and then undoes what a rule or another person decided. */
export class Decisions {
  made = 0;
  private readonly host: SimulatedHost;
  private readonly record: HistoryRecord;
  private readonly random: Random;

  constructor(host: SimulatedHost, record: HistoryRecord, random: Random) {
    this.host = host;
    this.record = record;
    this.random = random;
  }

  /** Decides one conflict, if there is one. What was typed on the screen is not owed to anybody before it is accepted. */
  async decideOne(): Promise<void> {
    const map = this.random.pick(MAPS);
    const { state, deps } = this.host;
    const records = await state.pageConflicts(map.id, null, RECORDS);
    if (records.keys.length === 0) return;
    const ref = { mapId: map.id, key: this.random.pick(records.keys) };
    const shown = await showConflicts({ ...deps, state }, ref);
    // Who decides for another key, or for a record that is gone by now, gets what was decided: references to nothing.
    const keys = map.sides.finops.keyColumns;
    const fields = new Map(map.fields.map((field) => [field.id, field]));
    const found = this.random.pick(
      shown.filter(({ conflict }) => {
        const field = fields.get(conflict.field ?? '');
        return field !== undefined && field.lookup === null && !keys.includes(field.finops);
      }),
    );
    if (found?.current == null) return;
    const { conflict, current } = found;
    this.made += 1;
    const answer = await decideConflict(
      deps,
      { ...ref, conflictId: conflict.id },
      current,
      this.choice(found),
      'operator',
    );
    if (!answer.ok) return;
    const { side, value } = answer.value;
    const converted = fields.get(conflict.field ?? '')?.convert(side, value);
    for (const each of SIDES) this.record.decided(half(current, each));
    this.record.decided(value);
    if (converted?.ok === true) this.record.decided(converted.value);
  }

  private choice({ state }: ShownConflict): Choice {
    if (state !== 'open' && this.random.chance(0.5)) return 'undo';
    const side = this.random.pick(SIDES);
    return this.random.chance(0.3) ? { side, value: `o${this.made}` } : { take: side };
  }
}
