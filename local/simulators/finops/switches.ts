/**
 * Answers that no public source settles, or that differ between builds. A test tries each value; the default is
 * what most captures show, or the harsher one where there is none.
 */
export interface FinopsSwitches {
  /** Status of a refused write: older builds answered 500, current ones 400. */
  validationStatus: 400 | 500;
  /** A stale If-Match: refused with 412, refused as an update conflict with 400 or 500, or not looked at. */
  ifMatch: 'precondition-412' | 'conflict-400' | 'conflict-500' | 'ignored';
  /** Whether PUT resets the fields that the body leaves out. */
  put: 'merge' | 'replace';
  /** An update that changes nothing: no trace, a new etag, or a new etag and an Updated event. */
  unchangedUpdate: 'nothing' | 'etag' | 'etag-and-event';
  /** A body that gives a field with AllowEdit=false a different value. */
  readOnlyFields: 'refused' | 'ignored';
  /** A string beyond the field's length. */
  longStrings: 'refused' | 'truncated';
  /** Trailing blanks of a string. */
  trailingBlanks: 'trimmed' | 'kept';
  /** A JSON null for anything but a string. */
  nullValues: 'empty' | 'refused';
  /** Deleting a row that a restricted relation points at. */
  referencedRows: 'refused' | 'deleted';
  /** The second decoding of a key: every escape, or those of slash, backslash and plus alone. */
  keyDecoding: 'all' | 'separators';
  /** `:`, `&`, `#`, `?` and `%` in a decoded key: ASP.NET's request validation may refuse the path. */
  keyPunctuation: 'accepted' | 'refused';
  /** How the next link tells where to go on. */
  nextLink: 'skip' | 'skiptoken';
  /** The host in next links may differ from the one that was called; null keeps the caller's. */
  nextLinkHost: string | null;
  /** Rows in one answer; the documented maximum is 10,000. */
  pageSize: number;
  /** Operations in one $batch; documented. */
  batchOperations: number;
  /** Whether the parts after a failed one still run. */
  batchAfterFailure: 'continues' | 'stops';
  /** Whether the one error part of a failed changeset stands in a changeset of its own or bare in the batch. */
  failedChangeset: 'nested' | 'bare';
  /** The caller's time zone against UTC, in minutes: decides the day of a date that is not sent as noon. */
  timeZoneOffsetMinutes: number;
  /** Members of a business event: today's envelope, or that of 2019. */
  businessEventEnvelope: 'current' | '2019';
  /** InitiatingUserAADObjectId of a call made by an app. */
  initiatingUser: 'mapped-user' | 'zero';
  /** Whether an operator's Resend keeps EventId and ControlNumber. */
  resendIdentity: 'same' | 'new';
  /** Target of OnExternalDeleted. */
  deleteTarget: 'Entity' | 'EntityReference';
  /** PreImage of OnExternalUpdated, which is documented as nullable. */
  preImage: 'full' | 'null';
  /** Updated data events of one save: one, or one for each table that changed. */
  updatedEvents: 'per-save' | 'per-table';
  /** How date-times and GUIDs stand in a data event. */
  dataEventValues: 'wrapped' | 'raw';
  /** Headers of a data event: those of a Dataverse webhook, or none but the content type. */
  dataEventHeaders: 'dataverse' | 'plain';
  /** Whether a 429 tells how long to wait. */
  retryAfterHeader: 'sent' | 'missing';
  /** How a package job reports its end, and how GetExecutionSummaryStatus wraps its value. */
  packageValue: 'flat' | 'nested';
  /** Milliseconds a package job is Executing. */
  packageRunMs: number;
}

export const defaultSwitches: FinopsSwitches = {
  validationStatus: 400,
  ifMatch: 'precondition-412',
  put: 'merge',
  unchangedUpdate: 'nothing',
  readOnlyFields: 'refused',
  longStrings: 'refused',
  trailingBlanks: 'trimmed',
  nullValues: 'empty',
  referencedRows: 'refused',
  keyDecoding: 'all',
  keyPunctuation: 'accepted',
  nextLink: 'skip',
  nextLinkHost: null,
  pageSize: 10_000,
  batchOperations: 5_000,
  batchAfterFailure: 'continues',
  failedChangeset: 'nested',
  timeZoneOffsetMinutes: 0,
  businessEventEnvelope: 'current',
  initiatingUser: 'mapped-user',
  resendIdentity: 'same',
  deleteTarget: 'Entity',
  preImage: 'full',
  updatedEvents: 'per-save',
  dataEventValues: 'wrapped',
  dataEventHeaders: 'dataverse',
  retryAfterHeader: 'sent',
  packageValue: 'flat',
  packageRunMs: 0,
};
