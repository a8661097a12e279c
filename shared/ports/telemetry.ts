import type { FaultCode } from '../core/fault/fault-codes.ts';
import type { Side } from '../core/record/side.ts';
import type { Standing } from './side-blocks.ts';
import type { ParkReason } from './state-store.ts';

/** The catalogue of everything the pipeline reports; there is no free text. */
export type TelemetryEvent =
  | { event: 'event.accepted'; side: Side; id: string; changes: number }
  | { event: 'event.echo'; side: Side; id: string }
  | { event: 'event.ignored'; side: Side; what: string }
  | { event: 'event.unbound' | 'event.irrelevant'; side: Side; id: string; name: string }
  | { event: 'batch.planned'; mapId: string; changes: number; writes: number; settled: number; again: number }
  | { event: 'change.settled'; mapId: string; key: string; outcome: string }
  | { event: 'change.written'; mapId: string; key: string; side: Side; operation: string; lagMs: number }
  | { event: 'change.parked'; mapId: string; key: string; reason: ParkReason; code: FaultCode | null }
  | { event: 'change.released'; mapId: string; key: string; reason: ParkReason }
  | { event: 'conflict.recorded'; mapId: string; key: string; field: string | null; rule: string }
  | { event: 'deletions.held'; mapId: string; count: number }
  | { event: 'record.moved'; mapId: string; key: string; to: string }
  | { event: 'conflict.decided'; mapId: string; key: string; field: string; actor: string }
  | { event: 'parked.retried' | 'parked.edited' | 'deletions.approved'; count: number; actor: string }
  | { event: 'change.dismissed'; mapId: string; key: string; reason: ParkReason; actor: string; why: string }
  | { event: 'catch-up.read'; mapId: string; side: Side; read: number; hinted: number }
  | { event: 'catch-up.restarted'; mapId: string; side: Side }
  | { event: 'catch-up.failed'; mapId: string; side: Side; code: FaultCode }
  | { event: 'claim.lost'; mapId: string; key: string }
  | { event: 'side.standing'; side: Side; standing: Standing }
  | { event: 'map.stopped'; mapId: string; code: FaultCode; field: string | null }
  | { event: 'map.status'; mapId: string; status: string; actor: string }
  /** `replaced` is null for a map that was not installed before. */
  | { event: 'map.activated'; mapId: string; version: string; replaced: string | null; actor: string };

export interface Telemetry {
  emit(event: TelemetryEvent): void;
}
