import { askAppHealth } from './app-health.ts';
import type { CallCounts } from './call-counts.ts';
import type { DataverseSimulator } from './dataverse/dataverse-simulator.ts';
import { applicationUserId, interactiveUserId } from './dataverse/request-context.ts';
import type { SimRequest, SimResponse } from './exchange.ts';
import type { FaultPlan } from './fault-plan.ts';
import { integrationUserId } from './finops/access.ts';
import type { FinopsSimulator } from './finops/finops-simulator.ts';
import { answerRows, interactiveFinopsUser, type RowApiScope } from './row-api.ts';
import { answerJson, type TokenIssuer } from './tokens.ts';

/** What the control API works on. */
export interface ControlScope extends RowApiScope {
  dataverse: DataverseSimulator;
  finops: FinopsSimulator;
  plan: FaultPlan;
  counts: CallCounts;
  tokens: TokenIssuer;
  now: () => number;
  /** Root address of the app that gets the events, without a slash at the end. */
  appUrl: string;
  /** Something that the state file keeps has changed. */
  touch(): void;
}

/** Answers a request below `/sim/api/`; `rest` is the path after it. Unknown resources are 404. */
export function answerControl(
  scope: ControlScope,
  request: SimRequest,
  rest: string,
): Promise<SimResponse> | SimResponse {
  if (rest.startsWith('rows/')) return answerRows(scope, request, rest.slice('rows/'.length));
  const answer = routes[`${request.method} ${rest}`];
  if (answer === undefined) {
    return answerJson(404, {
      error: { code: '', message: `There is no ${request.method} ${rest} in the control API.` },
    });
  }
  try {
    return answer(scope, request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return answerJson(400, { error: { code: '', message } });
  }
}

type Answer = (scope: ControlScope, request: SimRequest) => SimResponse | Promise<SimResponse>;

const routes: Record<string, Answer> = {
  'GET faults': ({ plan }) => answerJson(200, plan.list()),
  'PUT faults': ({ plan }, request) => {
    plan.set(readJson(request));
    return answerJson(200, plan.list());
  },
  'GET counts': ({ counts }, request) => answerJson(200, counts.report(request.query.get('rows') === 'true')),
  'POST counts/mark': ({ counts, now }) => {
    counts.mark(now());
    return answerJson(200, counts.report(false));
  },
  'POST tokens/expire': ({ tokens }) => {
    tokens.expireAll();
    return answerJson(200, {});
  },
  'GET app-health': ({ appUrl }) => askAppHealth(appUrl),
  'GET users': () =>
    answerJson(200, {
      dataverse: { app: applicationUserId, person: interactiveUserId },
      finops: { app: integrationUserId, person: interactiveFinopsUser },
    }),
  'GET tables': ({ tables }) =>
    answerJson(
      200,
      tables.map(({ logicalName, entitySetName }) => ({ logicalName, entitySetName })),
    ),
  'GET switches/dataverse': ({ dataverse }) => answerJson(200, dataverse.switches),
  'PUT switches/dataverse': ({ dataverse }, request) => {
    Object.assign(dataverse.switches, knownOnly(readJson(request), dataverse.switches));
    return answerJson(200, dataverse.switches);
  },
  'GET switches/finops': ({ finops }) => answerJson(200, finops.switches),
  'PUT switches/finops': ({ finops, touch }, request) => {
    finops.setSwitches(knownOnly(readJson(request), finops.switches));
    touch();
    return answerJson(200, finops.switches);
  },
};

function readJson(request: SimRequest): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new Error('The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Error('The body must be a JSON object.');
  return body as Record<string, unknown>;
}

function knownOnly(changes: Record<string, unknown>, known: object): Record<string, unknown> {
  for (const name of Object.keys(changes)) if (!(name in known)) throw new Error(`There is no switch '${name}'.`);
  return changes;
}
