import type { Telemetry, TelemetryEvent } from '../../ports/telemetry.ts';

/** Telemetry as one JSON line per event, which Application Insights parses; and counts by event, kept in memory. */
export interface LogTelemetry extends Telemetry {
  /** Events so far, by name. */
  counts(): Readonly<Record<string, number>>;
}

/** Sends each event to the process's log through the given writer; the default is the standard output. */
export function createLogTelemetry(
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): LogTelemetry {
  const counts: Record<string, number> = {};
  return {
    emit(event: TelemetryEvent) {
      counts[event.event] = (counts[event.event] ?? 0) + 1;
      // The name first, whoever made the event: queries find the lines by how they begin.
      const { event: name, ...rest } = event;
      write(JSON.stringify({ event: name, ...rest }));
    },
    counts: () => ({ ...counts }),
  };
}
