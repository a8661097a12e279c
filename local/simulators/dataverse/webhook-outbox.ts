import { buildEventBody, organization } from './execution-context.ts';
import type { RowStore } from './row-store.ts';
import type { RowChange } from './row-writes.ts';
import { type Endpoint, endpointOf, stepsFor } from './step-registry.ts';
import { randomGuid, type Values } from './stored-value.ts';
import type { DataverseSwitches } from './switches.ts';
import type { Schema } from './table-metadata.ts';

/** Posts one event; resolves with the HTTP status, rejects when there was no answer in time. */
export type WebhookPost = (
  url: string,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
) => Promise<number>;

/** A system job: one event of one step, serialised when it happened. */
export interface WebhookJob {
  operationId: string;
  stepId: string;
  stepName: string;
  endpointId: string;
  autoDelete: boolean;
  table: string;
  message: string;
  headers: Record<string, string>;
  body: string;
}

/** The queue of system jobs. */
export interface WebhookOutbox {
  /** Queues the events of committed changes and begins to post them. */
  add(changes: readonly RowChange[]): void;
  /** Resolves when every job has succeeded or failed. */
  idle(): Promise<void>;
  /** Starts no further post. */
  stop(): void;
  jobs(): WebhookJob[];
  restore(jobs: WebhookJob[]): void;
}

/** What the outbox needs of its surroundings. */
export interface OutboxScope {
  schema: Schema;
  store: RowStore;
  switches: DataverseSwitches;
  random: () => number;
  now: () => number;
  post: WebhookPost;
  /** Writes a finished system job as a row of `asyncoperation`. */
  record(id: string, values: Values): void;
}

/**
 * Delivers with the rules of "Use webhooks": a time-out of 60 s, exactly one further attempt and only after 502,
 * 503 or 504; anything else but 2xx is a failed system job. Several posts run at once, so order is not kept.
 */
export function createWebhookOutbox(scope: OutboxScope): WebhookOutbox {
  const waiting: WebhookJob[] = [];
  const running = new Set<WebhookJob>();
  let stopped = false;
  let waiters: (() => void)[] = [];

  const pump = (): void => {
    while (!stopped && running.size < scope.switches.webhookConcurrency) {
      const job = waiting.shift();
      if (job === undefined) break;
      running.add(job);
      void deliver(scope, job).finally(() => {
        running.delete(job);
        pump();
      });
    }
    if (running.size > 0 || (waiting.length > 0 && !stopped)) return;
    const done = waiters;
    waiters = [];
    for (const resolve of done) resolve();
  };

  return {
    add: (changes) => {
      const jobs = changes.flatMap((change) => jobsFor(scope, change));
      if (jobs.length === 0) return;
      waiting.push(...jobs);
      // The caller's own answer goes out first: the job is posted after the commit, not within it.
      setImmediate(pump);
    },
    idle: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        setImmediate(pump);
      }),
    stop: () => {
      stopped = true;
    },
    jobs: () => [...running, ...waiting],
    restore: (jobs) => {
      waiting.length = 0;
      waiting.push(...jobs);
      setImmediate(pump);
    },
  };
}

function jobsFor(scope: OutboxScope, change: RowChange): WebhookJob[] {
  return stepsFor(scope.schema, scope.store, change).map((step) => {
    const operationId = randomGuid(scope.random);
    const body = buildEventBody({ ...scope, ...scope.switches, operationId }, change, step);
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'x-ms-dynamics-organization': organization.host,
      'x-ms-dynamics-entity-name': change.table.metadata.logicalName,
      'x-ms-dynamics-request-name': change.message,
      'x-ms-correlation-request-id': change.context.correlationId,
    };
    if (body.truncated) headers['x-ms-dynamics-msg-size-exceeded'] = 'true';
    return {
      operationId,
      stepId: step.id,
      stepName: step.name,
      endpointId: step.endpointId,
      autoDelete: step.autoDelete,
      table: change.table.metadata.logicalName,
      message: change.message,
      headers,
      body: body.text,
    };
  });
}

async function deliver(scope: OutboxScope, job: WebhookJob): Promise<void> {
  const endpoint = endpointOf(scope.store, job.endpointId);
  if (endpoint === undefined) return finish(scope, job, 'The service endpoint does not exist.');
  let fault = await attempt(scope, job, endpoint);
  if (fault?.again) {
    await new Promise((resolve) => setTimeout(resolve, scope.switches.webhookRetryDelayMs).unref());
    fault = await attempt(scope, job, endpoint);
  }
  finish(scope, job, fault?.message);
}

async function attempt(
  scope: OutboxScope,
  job: WebhookJob,
  endpoint: Endpoint,
): Promise<{ message: string; again: boolean } | undefined> {
  try {
    const headers = { ...job.headers, ...endpoint.headers };
    const status = await scope.post(endpoint.url, headers, job.body, scope.switches.webhookTimeoutMs);
    if (status >= 200 && status < 300) return undefined;
    return { message: `The webhook call failed with HTTP status ${status}.`, again: [502, 503, 504].includes(status) };
  } catch (error) {
    return {
      message: `The webhook call failed: ${error instanceof Error ? error.message : String(error)}`,
      again: false,
    };
  }
}

function finish(scope: OutboxScope, job: WebhookJob, fault: string | undefined): void {
  if (fault === undefined && job.autoDelete) return;
  const failed: Values = fault === undefined ? {} : { message: fault, friendlymessage: fault, errorcode: -2147204345 };
  scope.record(job.operationId, {
    name: job.stepName,
    messagename: job.message,
    primaryentitytype: job.table,
    operationtype: 1,
    completedon: `${new Date(scope.now()).toISOString().slice(0, 19)}Z`,
    owningextensionid: { table: 'sdkmessageprocessingstep', id: job.stepId },
    statecode: 3,
    statuscode: fault === undefined ? 30 : 31,
    ...failed,
  });
}
