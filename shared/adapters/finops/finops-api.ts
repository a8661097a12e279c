import type { Result } from '../../core/fault/fault.ts';
import type { Clock, Identifiers } from '../../ports/clock.ts';
import { type BatchSender, createBatchSender } from '../http/batch-sender.ts';
import type { HttpClient, HttpResponse } from '../http/http-client.ts';

/** OData and the metadata services of one F&O environment. */
export interface FinopsApi extends BatchSender {
  /** Root of OData, with a slash at the end. */
  root: string;
  /** Reads a path of the metadata services, as in `PublicEntities('CustomerV3')`. Faults as for `HttpClient.send`. */
  metadata(path: string): Promise<Result<HttpResponse>>;
}

export interface FinopsApiOptions {
  /** `https://<environment>.operations.dynamics.com`. */
  baseUrl: string;
  client: HttpClient;
  clock: Clock;
  identifiers: Identifiers;
}

const ODATA_HEADERS = {
  accept: 'application/json;odata.metadata=minimal',
  'odata-maxversion': '4.0',
  'odata-version': '4.0',
};

/** Calls F&O as "Open Data Protocol (OData)" asks for; every data request is for all companies. */
export function createFinopsApi(options: FinopsApiOptions): FinopsApi {
  const base = options.baseUrl.replace(/\/+$/, '');
  const { send } = createBatchSender({
    client: options.client,
    clock: options.clock,
    identifiers: options.identifiers,
    batchUrl: `${base}/data/$batch`,
    headers: ODATA_HEADERS,
    batchHeaders: {},
  });
  return {
    root: `${base}/data/`,
    send,
    metadata: (path) =>
      options.client.send({ method: 'GET', url: `${base}/metadata/${path}`, headers: ODATA_HEADERS, writes: false }),
  };
}
