import { app, type HttpResponseInit } from '@azure/functions';
import { services } from '../../shared/composition.ts';

/** Counts since the start of this instance, in the text format of Prometheus. */
async function metrics(): Promise<HttpResponseInit> {
  const { telemetry, counts } = await services();
  const lines: string[] = ['# TYPE twinwrite_events_total counter'];
  for (const [event, count] of Object.entries(telemetry.counts())) {
    lines.push(`twinwrite_events_total{event="${event}"} ${count}`);
  }
  lines.push('# TYPE twinwrite_operations_total counter');
  for (const [target, operations] of Object.entries(counts())) {
    for (const [operation, count] of Object.entries(operations)) {
      lines.push(`twinwrite_operations_total{target="${target}",operation="${operation}"} ${count}`);
    }
  }
  return { headers: { 'content-type': 'text/plain; version=0.0.4' }, body: `${lines.join('\n')}\n` };
}

app.http('metrics', { methods: ['GET'], authLevel: 'function', route: 'api/metrics', handler: metrics });
