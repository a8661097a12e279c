import type { SimRequest, SimResponse } from '../exchange.ts';
import { type BatchOperation, type BatchPart, parseBatch, renderPart } from './batch-message.ts';
import { handleEntity, type Service } from './entity-routes.ts';
import { faultResponse, isFinopsFault, odataFault } from './faults.ts';
import { beginTransaction, rollBack, type Transaction } from './row-writes.ts';

/** Runs an operation; a fault undoes what the transaction has done and becomes the answer. */
export function answered(transaction: Transaction, run: () => SimResponse): { response: SimResponse; failed: boolean } {
  try {
    return { response: run(), failed: false };
  } catch (error) {
    rollBack(transaction);
    if (!isFinopsFault(error)) {
      throw error;
    }
    return { response: faultResponse(error), failed: true };
  }
}

function count(parts: readonly BatchPart[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'single' ? 1 : part.operations.length), 0);
}

type Commit = (transaction: Transaction) => void;

function runSingle(service: Service, operation: BatchOperation, commit: Commit): { text: string; failed: boolean } {
  const transaction = beginTransaction();
  const { response, failed } = answered(transaction, () => handleEntity(service, operation.request, transaction));
  if (!failed) {
    commit(transaction);
  }
  return { text: renderPart([{ contentId: operation.contentId, response }], null), failed };
}

function runChangeset(
  service: Service,
  operations: readonly BatchOperation[],
  boundary: string,
  commit: Commit,
): { text: string; failed: boolean } {
  const transaction = beginTransaction();
  const answers = [];
  for (const operation of operations) {
    const { response, failed } = answered(transaction, () => handleEntity(service, operation.request, transaction));
    if (failed) {
      // Captured answers name the first operation whichever failed, so a client must not trust the Content-ID.
      const answer = { contentId: operations[0]?.contentId ?? null, response };
      const nested = service.world.switches.failedChangeset === 'nested';
      return { text: renderPart([answer], nested ? boundary : null), failed };
    }
    answers.push({ contentId: operation.contentId, response });
  }
  commit(transaction);
  return { text: renderPart(answers, boundary), failed: false };
}

/**
 * Serves `POST /data/$batch`: parts run in order, a changeset is atomic and answers a failure with one part, and the
 * outer status is 200 even then. Throws a 400 fault on a malformed message and on too many operations.
 */
export function handleBatch(service: Service, request: SimRequest, boundaryId: string, commit: Commit): SimResponse {
  const parts = parseBatch(request);
  const { batchOperations, batchAfterFailure } = service.world.switches;
  if (count(parts) > batchOperations) {
    throw odataFault(
      `The current batch message contains too many parts. Only batch messages with a maximum number of '${batchOperations}' query operations and change sets are allowed.`,
    );
  }
  const boundary = `batchresponse_${boundaryId}`;
  const texts: string[] = [];
  for (const [index, part] of parts.entries()) {
    const { text, failed } =
      part.kind === 'single'
        ? runSingle(service, part.operation, commit)
        : runChangeset(service, part.operations, `changesetresponse_${index}_${boundaryId}`, commit);
    texts.push(`--${boundary}\r\n${text}\r\n`);
    if (failed && batchAfterFailure === 'stops') {
      break;
    }
  }
  return {
    status: 200,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}`, 'odata-version': '4.0' },
    body: `${texts.join('')}--${boundary}--\r\n`,
  };
}
