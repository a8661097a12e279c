import type { Result } from '../../core/fault/fault.ts';
import type { Clock, Identifiers } from '../../ports/clock.ts';
import { allAnswers, createBatchSender } from '../http/batch-sender.ts';
import type { HttpClient, HttpResponse } from '../http/http-client.ts';
import type { BatchItem } from '../http/multipart-batch.ts';

/** The Web API of one environment, by paths relative to its root. */
export interface DataverseApi {
  /** Root of the service, with a slash at the end. */
  root: string;
  /** Reads all paths in few calls, one answer each. Faults as for `BatchSender.send`. */
  read(paths: readonly string[]): Promise<Result<HttpResponse[]>>;
  /** Reads a page of changes, by a path that begins one or that an answer gave. Faults as for `HttpClient.send`. */
  readChanges(path: string): Promise<Result<HttpResponse>>;
  /** Sends all writes in few calls, one answer each; a failing one does not stop the others. As `BatchSender.send`. */
  write(requests: readonly BatchItem[], notAfterMs?: number): Promise<Result<HttpResponse>[]>;
}

export interface DataverseApiOptions {
  /** `https://<organisation>.api.<region>.dynamics.com/api/data/v9.2`. */
  baseUrl: string;
  client: HttpClient;
  clock: Clock;
  identifiers: Identifiers;
}

const ODATA_HEADERS = {
  accept: 'application/json',
  'odata-maxversion': '4.0',
  'odata-version': '4.0',
};

/** A page of changes becomes one message to the queue for each row that differs. */
const CHANGES_PER_PAGE = 1_000;

/** Calls the Web API as "Compose HTTP requests and handle errors" and "Execute batch operations" ask for. */
export function createDataverseApi(options: DataverseApiOptions): DataverseApi {
  const root = `${options.baseUrl.replace(/\/+$/, '')}/`;
  const sender = createBatchSender({
    client: options.client,
    clock: options.clock,
    identifiers: options.identifiers,
    batchUrl: `${root}$batch`,
    headers: ODATA_HEADERS,
    batchHeaders: { prefer: 'odata.continue-on-error' },
  });
  return {
    root,
    async read(paths) {
      const headers = { accept: 'application/json' };
      const requests = paths.map((path) => ({ method: 'GET', url: `${root}${path}`, headers }));
      return allAnswers(await sender.send(requests, false));
    },
    readChanges: (path) =>
      options.client.send({
        method: 'GET',
        url: `${root}${path}`,
        headers: { ...ODATA_HEADERS, prefer: `odata.track-changes,odata.maxpagesize=${CHANGES_PER_PAGE}` },
        writes: false,
      }),
    write: (requests, notAfterMs) => sender.send(requests, true, notAfterMs),
  };
}
