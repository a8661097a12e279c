import {
  contractType,
  type EventValueScope,
  entityMembers,
  entityReference,
  formattedValues,
  imageEntity,
  type KeyValue,
  offsetDate,
  targetAttributes,
} from './event-values.ts';
import type { RowChange } from './row-writes.ts';
import { stableGuid } from './stable-guid.ts';
import type { Values } from './stored-value.ts';

/** Identity of the simulated environment. */
export const organization = {
  id: stableGuid('organization'),
  businessUnitId: stableGuid('businessunit'),
  name: `unq${stableGuid('organization').replaceAll('-', '').slice(0, 29)}`,
  host: 'org0twinwrite.crm4.dynamics.com',
} as const;

/** An image registered on a step. */
export interface StepImage {
  alias: string;
  pre: boolean;
  post: boolean;
  columns: string[];
}

/** A registered step as far as an event shows it. */
export interface EventStep {
  id: string;
  images: StepImage[];
}

/** The body of one event, and whether it lost its larger members. */
export interface EventBody {
  text: string;
  truncated: boolean;
}

/** What building a body needs beside the change. */
export interface EventScope extends EventValueScope {
  operationId: string;
  messageLimitBytes: number;
  parentContext: boolean;
}

const noUser = '00000000-0000-0000-0000-000000000000';

/**
 * The RemoteExecutionContext of an asynchronous step: members in alphabetical order, dictionaries as arrays of
 * key and value, slashes escaped. Above the limit the parameters, both image sets and the parent context are
 * taken out ("Use webhooks", payload over 256 KB).
 */
export function buildEventBody(scope: EventScope, change: RowChange, step: EventStep): EventBody {
  const full = serialise(eventMembers(scope, change, step));
  if (Buffer.byteLength(full) <= scope.messageLimitBytes) return { text: full, truncated: false };
  const { InputParameters, ParentContext, PostEntityImages, PreEntityImages, ...rest } = eventMembers(
    scope,
    change,
    step,
  );
  return { text: serialise(rest), truncated: true };
}

function serialise(value: unknown): string {
  return JSON.stringify(value).replaceAll('/', '\\/');
}

function eventMembers(scope: EventScope, change: RowChange, step: EventStep): Record<string, unknown> {
  const { context } = change;
  const shared = {
    IsExecutingOffline: false,
    IsInTransaction: false,
    IsOfflinePlayback: false,
    IsolationMode: 1,
    MessageName: change.message,
    Mode: 1,
    OperationCreatedOn: offsetDate(Math.floor(context.now / 1000) * 1000, scope.serverOffsetMinutes),
  };
  const images = eventImages(scope, change, step);
  return {
    ...callerMembers(change),
    InputParameters: [{ key: 'Target', value: targetValue(scope, change, change.target) }],
    ...shared,
    OperationId: scope.operationId,
    OrganizationId: organization.id,
    OrganizationName: organization.name,
    OutputParameters: change.message === 'Create' ? [{ key: 'id', value: rowId(change) }] : [],
    OwningExtension: entityReference('sdkmessageprocessingstep', step.id, null),
    ParentContext: scope.parentContext ? parentMembers(scope, change, shared) : null,
    PostEntityImages: images.post,
    PreEntityImages: images.pre,
    ...rowMembers(change),
    // What another row's delete causes carries no tag of its own; the tag is the parent's.
    SharedVariables: sharedVariables(change, change.direct),
    Stage: 40,
    UserAzureActiveDirectoryObjectId: noUser,
    UserId: context.userId,
  };
}

function callerMembers(change: RowChange): Record<string, unknown> {
  const { context } = change;
  return {
    BusinessUnitId: organization.businessUnitId,
    CorrelationId: context.correlationId,
    Depth: change.direct ? 1 : 2,
    InitiatingUserAgent: context.userAgent,
    InitiatingUserAzureActiveDirectoryObjectId: noUser,
    InitiatingUserId: context.userId,
  };
}

function rowMembers(change: RowChange): Record<string, unknown> {
  return {
    PrimaryEntityId: rowId(change),
    PrimaryEntityName: change.table.metadata.logicalName,
    RequestId: change.context.requestId,
    SecondaryEntityName: 'none',
  };
}

function parentMembers(scope: EventScope, change: RowChange, shared: object): Record<string, unknown> {
  return {
    ...callerMembers(change),
    InputParameters: [{ key: 'Target', value: targetValue(scope, change, change.sent) }],
    ...shared,
    OperationId: scope.operationId,
    OrganizationId: organization.id,
    OrganizationName: organization.name,
    OutputParameters: [],
    OwningExtension: null,
    ParentContext: null,
    PostEntityImages: [],
    PreEntityImages: [],
    ...rowMembers(change),
    SharedVariables: sharedVariables(change, true),
    Stage: 30,
    UserAzureActiveDirectoryObjectId: noUser,
    UserId: change.context.userId,
  };
}

function targetValue(scope: EventScope, change: RowChange, values: Values): object {
  const { table } = change;
  if (change.message === 'Delete') {
    return { ...contractType('EntityReference'), ...entityReference(table.metadata.logicalName, rowId(change), null) };
  }
  // Display texts are filled on Create and empty on Update.
  const formatted = change.message === 'Create' ? formattedValues(scope, table, values) : [];
  return {
    ...contractType('Entity'),
    ...entityMembers(table, rowId(change), targetAttributes(scope, table, values), formatted),
  };
}

function eventImages(scope: EventScope, change: RowChange, step: EventStep): { pre: KeyValue[]; post: KeyValue[] } {
  const pre: KeyValue[] = [];
  const post: KeyValue[] = [];
  const { table, before, after } = change;
  if (after !== undefined) {
    const { primaryNameAttribute } = table.metadata;
    const columns = primaryNameAttribute === null ? [] : [primaryNameAttribute];
    post.push({ key: 'AsynchronousStepPrimaryName', value: imageEntity(scope, table, after, columns) });
  }
  for (const image of step.images) {
    if (image.pre && before !== undefined) {
      pre.push({ key: image.alias, value: imageEntity(scope, table, before, image.columns) });
    }
    if (image.post && after !== undefined) {
      post.push({ key: image.alias, value: imageEntity(scope, table, after, image.columns) });
    }
  }
  return { pre, post };
}

function sharedVariables(change: RowChange, withTag: boolean): KeyValue[] {
  const variables: KeyValue[] = [
    { key: 'IsAutoTransact', value: true },
    { key: 'AcceptLang', value: '' },
  ];
  if (change.message === 'Create') variables.push({ key: 'DefaultsAddedFlag', value: true });
  if (withTag && change.context.tag !== undefined) variables.push({ key: 'tag', value: change.context.tag });
  return variables;
}

function rowId(change: RowChange): string {
  return (change.after ?? change.before)?.id ?? noUser;
}
