import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogTelemetry } from '../../../../shared/adapters/telemetry/log-telemetry.ts';

describe('telemetry in the log', () => {
  it('begins each line with the name of the event, as the queries of the alerts ask', () => {
    const lines: string[] = [];
    const telemetry = createLogTelemetry((line) => lines.push(line));
    telemetry.emit({ mapId: 'customers', count: 7, event: 'deletions.held' });
    const prelude = readFileSync(join(import.meta.dirname, '../../../../infra/kql/events.kql'), 'utf8');
    const [, beginning = 'nothing'] = /startswith '([^']+)'/.exec(prelude) ?? [];
    expect(lines).toEqual(['{"event":"deletions.held","mapId":"customers","count":7}']);
    expect(lines[0]?.startsWith(beginning)).toBe(true);
  });

  it('counts events by name', () => {
    const telemetry = createLogTelemetry(() => undefined);
    telemetry.emit({ event: 'parked.retried', count: 1, actor: 'somebody' });
    telemetry.emit({ event: 'parked.retried', count: 2, actor: 'somebody' });
    expect(telemetry.counts()).toEqual({ 'parked.retried': 2 });
  });
});
