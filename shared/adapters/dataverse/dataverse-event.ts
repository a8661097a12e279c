import type { RowEvent } from '../../core/change/change.ts';
import { asObject, parseExactJson } from '../http/exact-json.ts';
import {
  deliveryId,
  type ExecutionContext,
  entryOf,
  executionContextSchema,
  wallClock,
} from '../http/execution-context.ts';

/** What a webhook's body says: an event, something that is not listened to, or nothing that can be understood. */
export type DecodedDataverseEvent =
  | { ok: true; event: RowEvent; tag: string | null; initiatingUserId: string | null }
  | { ok: true; ignored: string }
  | { ok: false; problem: string };

const KINDS: Readonly<Record<string, RowEvent['kind']>> = { Create: 'create', Update: 'update', Delete: 'delete' };

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Decodes a RemoteExecutionContext as a webhook or a Service Bus endpoint posts it. Values are not taken over: they
 * are those of the moment of the event, and the row is read anyway.
 */
export function decodeDataverseEvent(body: string): DecodedDataverseEvent {
  let json: unknown;
  try {
    json = parseExactJson(body);
  } catch {
    return { ok: false, problem: 'The body is no JSON.' };
  }
  const parsed = executionContextSchema.safeParse(json);
  if (!parsed.success) return { ok: false, problem: problemOf(parsed.error.issues) };
  const context = parsed.data;
  const kind = KINDS[context.MessageName];
  if (kind === undefined) return { ok: true, ignored: `the message ${context.MessageName}` };
  const rowId = rowIdOf(context);
  if (rowId === null) return { ok: false, problem: 'The body names no row: PrimaryEntityId is missing.' };
  const event: RowEvent = {
    type: 'row',
    id: deliveryId(context, body),
    side: 'dataverse',
    table: context.PrimaryEntityName.toLowerCase(),
    kind,
    rowId,
    columns: {},
    ...(kind === 'update' ? writtenColumns(context) : {}),
    occurredAt: wallClock(context.OperationCreatedOn ?? ''),
  };
  return { ok: true, event, tag: tagOf(context, rowId), initiatingUserId: context.InitiatingUserId ?? null };
}

/** The columns that the request wrote, the row's own id and stamps among them; a body that was cut down tells none. */
function writtenColumns(context: ExecutionContext): Pick<RowEvent, 'changed'> {
  const attributes = asObject(entryOf(context.InputParameters, 'Target'))['Attributes'];
  if (!Array.isArray(attributes)) return {};
  return { changed: attributes.map((attribute) => String(asObject(attribute)['key']).toLowerCase()) };
}

function rowIdOf(context: ExecutionContext): string | null {
  const target = asObject(entryOf(context.InputParameters, 'Target'));
  const candidates = [context.PrimaryEntityId, target['Id'], entryOf(context.OutputParameters, 'id')];
  for (const candidate of candidates) {
    const id = typeof candidate === 'string' ? candidate.toLowerCase() : '';
    if (GUID.test(id)) return id;
  }
  return null;
}

/**
 * The tag that the request carried ("Optional parameters"). A parent's tag counts only for the very row that was
 * written: what a plug-in did to others because of our write is a change of its own.
 */
function tagOf(context: ExecutionContext, rowId: string): string | null {
  const own = entryOf(context.SharedVariables, 'tag');
  if (typeof own === 'string') return own;
  const parent = context.ParentContext;
  const sameRow = parent?.PrimaryEntityId?.toLowerCase() === rowId && (context.Depth ?? 1) <= 1;
  const inherited = sameRow ? entryOf(parent?.SharedVariables, 'tag') : null;
  return typeof inherited === 'string' ? inherited : null;
}

function problemOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  return issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');
}
