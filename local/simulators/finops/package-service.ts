import type { SimRequest, SimResponse } from '../exchange.ts';
import { answered } from './batch.ts';
import { jsonResponse, readJson, type Service } from './entity-routes.ts';
import { argumentFault, methodFault, routeFault } from './faults.ts';
import { type DataProject, type PackageRow, readPackage, writePackage } from './package-archive.ts';
import { keyOf } from './row-store.ts';
import { readBody } from './row-validation.ts';
import { beginTransaction, createRow, type Transaction, updateRow } from './row-writes.ts';

interface Execution {
  id: string;
  kind: 'import' | 'export';
  /** When it stops being Executing. */
  endsMs: number;
  result: 'Succeeded' | 'PartiallySucceeded' | 'Failed';
  errors: string[];
  blob: string | null;
}

/** Blobs and jobs of the package API, JSON-ready; blobs in base64. */
export interface PackageState {
  blobs: Record<string, string>;
  executions: Record<string, Execution>;
}

/** What the package API needs beside the service. */
export interface PackageScope {
  service: Service;
  state: PackageState;
  projects: readonly DataProject[];
  guid: () => string;
  commit: (transaction: Transaction) => void;
}

const actionPrefix = '/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.';

type Arguments = Readonly<Record<string, unknown>>;

function textArgument(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') {
    throw argumentFault(`The parameter '${name}' of the action is missing or is no text.`);
  }
  return value;
}

function blobUrl(scope: PackageScope, request: SimRequest, blob: string): string {
  return `http://${request.headers['host'] ?? '127.0.0.1'}${scope.service.mountPath}/blob/${blob}?sig=${blob.slice(-12)}`;
}

function projectOf(scope: PackageScope, args: Arguments): DataProject {
  const id = textArgument(args, 'definitionGroupId');
  const project = scope.projects.find((candidate) => candidate.id === id);
  if (project === undefined) {
    throw argumentFault(`The data project ${id} does not exist.`);
  }
  return project;
}

function begin(scope: PackageScope, args: Arguments, kind: Execution['kind']): Execution {
  const { world } = scope.service;
  const id = textArgument(args, 'executionId') || `${kind}-${scope.guid()}`;
  const endsMs = world.now() + world.switches.packageRunMs;
  const execution: Execution = { id, kind, endsMs, result: 'Succeeded', errors: [], blob: null };
  scope.state.executions[id] = execution;
  return execution;
}

function exportPackage(scope: PackageScope, args: Arguments): string {
  const { model, store } = scope.service.world;
  const project = projectOf(scope, args);
  const limit = Number(textOrNumber(args['count']));
  const company = textArgument(args, 'legalEntityId').toLowerCase();
  const execution = begin(scope, args, 'export');
  execution.blob = scope.guid();
  scope.state.blobs[execution.blob] = writePackage(project, model, store, company, limit).toString('base64');
  return execution.id;
}

function textOrNumber(value: unknown): string {
  return typeof value === 'object' && value !== null && 'rawJSON' in value ? String(value.rawJSON) : '0';
}

function importRow(scope: PackageScope, request: SimRequest, row: PackageRow, transaction: Transaction): SimResponse {
  const { world, userOf } = scope.service;
  const values = readBody(row.entity, row.body, { enums: world.model.enums, switches: world.switches });
  const existing = world.store.find(row.entity, keyOf(row.entity, values));
  if (existing === undefined) {
    createRow(world, transaction, row.entity, values, userOf(request));
  } else {
    updateRow(world, transaction, row.entity, existing, values, userOf(request));
  }
  return jsonResponse(200, {});
}

function messageOf(response: SimResponse): string {
  const body: { error?: { innererror?: { message?: string } } } = JSON.parse(response.body.toString());
  return body.error?.innererror?.message ?? response.body.toString();
}

/** Each row stands alone, as in data management: a bad one is reported and the others are kept. */
function importRows(scope: PackageScope, request: SimRequest, execution: Execution, rows: readonly PackageRow[]): void {
  let kept = 0;
  for (const row of rows) {
    const transaction = beginTransaction();
    const { response, failed } = answered(transaction, () => importRow(scope, request, row, transaction));
    if (failed) {
      execution.errors.push(messageOf(response));
    } else {
      kept += 1;
      scope.commit(transaction);
    }
  }
  if (execution.errors.length > 0) {
    execution.result = kept === 0 ? 'Failed' : 'PartiallySucceeded';
  }
}

function importPackage(scope: PackageScope, request: SimRequest, args: Arguments): string {
  const { world } = scope.service;
  const project = projectOf(scope, args);
  const running = Object.values(scope.state.executions).some(
    ({ kind, endsMs }) => kind === 'import' && endsMs > world.now(),
  );
  if (running) {
    throw argumentFault('ImportFromPackage must not be called while another import is running.');
  }
  const blob = /\/blob\/([^?]+)/.exec(textArgument(args, 'packageUrl'))?.[1] ?? '';
  const archive = Buffer.from(scope.state.blobs[blob] ?? '', 'base64');
  const company = textArgument(args, 'legalEntityId').toLowerCase();
  const execution = begin(scope, args, 'import');
  try {
    importRows(scope, request, execution, readPackage(project, world.model, archive, company));
  } catch (error) {
    execution.result = 'Failed';
    execution.errors.push(error instanceof Error ? error.message : String(error));
  }
  return execution.id;
}

function summary(scope: PackageScope, args: Arguments): string {
  const execution = scope.state.executions[textArgument(args, 'executionId')];
  if (execution === undefined) {
    return 'Unknown';
  }
  return execution.endsMs > scope.service.world.now() ? 'Executing' : execution.result;
}

function exportedUrl(scope: PackageScope, request: SimRequest, args: Arguments): string {
  const execution = scope.state.executions[textArgument(args, 'executionId')];
  const ready = summary(scope, args) === 'Succeeded' && execution?.blob !== null && execution !== undefined;
  return ready ? blobUrl(scope, request, execution.blob ?? '') : '';
}

function writeUrl(scope: PackageScope, request: SimRequest, args: Arguments): string {
  textArgument(args, 'uniqueFileName');
  const blob = scope.guid();
  scope.state.blobs[blob] = '';
  return JSON.stringify({ BlobId: blob, BlobUrl: blobUrl(scope, request, blob) });
}

function runAction(scope: PackageScope, request: SimRequest, action: string, args: Arguments): string {
  switch (action.replace(/Async$/, '')) {
    case 'GetAzureWriteUrl':
      return writeUrl(scope, request, args);
    case 'ImportFromPackage':
      return importPackage(scope, request, args);
    case 'ExportToPackage':
    case 'ExportToPackagePreview':
      return exportPackage(scope, args);
    case 'GetExecutionSummaryStatus':
      return summary(scope, args);
    case 'GetExportedPackageUrl':
      return exportedUrl(scope, request, args);
    case 'GetExecutionErrors':
      return JSON.stringify(scope.state.executions[textArgument(args, 'executionId')]?.errors ?? []);
    default:
      throw routeFault(request.path);
  }
}

export function isPackageRequest(path: string): boolean {
  return path.startsWith(actionPrefix) || path.startsWith('/blob/');
}

function handleBlob(scope: PackageScope, request: SimRequest): SimResponse {
  const blob = request.path.slice('/blob/'.length);
  const content = scope.state.blobs[blob];
  if (content === undefined || request.query.get('sig') !== blob.slice(-12)) {
    throw routeFault(request.path);
  }
  if (request.method === 'PUT') {
    scope.state.blobs[blob] = request.body.toString('base64');
    return { status: 201, headers: {}, body: '' };
  }
  if (request.method === 'GET') {
    return { status: 200, headers: { 'content-type': 'application/zip' }, body: Buffer.from(content, 'base64') };
  }
  throw methodFault(request.method);
}

/**
 * Serves the package API ("Data management package REST API") and its blobs, whose URLs carry their own signature
 * and need no token. Throws faults for unknown projects, missing parameters and parallel imports.
 */
export function handlePackage(scope: PackageScope, request: SimRequest): SimResponse {
  if (request.path.startsWith('/blob/')) {
    return handleBlob(scope, request);
  }
  if (request.method !== 'POST') {
    throw methodFault(request.method);
  }
  const body = readJson(request.body);
  const args = typeof body === 'object' && body !== null ? (body as Arguments) : {};
  const value = runAction(scope, request, request.path.slice(actionPrefix.length), args);
  return jsonResponse(200, { value: scope.service.world.switches.packageValue === 'nested' ? { value } : value });
}
