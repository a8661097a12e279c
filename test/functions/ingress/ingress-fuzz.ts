import { HttpRequest, InvocationContext } from '@azure/functions';
import { DATAVERSE } from '../../../functions/ingress/dataverse-webhook.ts';
import { FINOPS } from '../../../functions/ingress/finops-events.ts';
import { type IngressServices, receiveEvent } from '../../../functions/ingress/receive-event.ts';
import { decodeDataverseEvent } from '../../../shared/adapters/dataverse/dataverse-event.ts';
import { isTagOf, signTag } from '../../../shared/adapters/dataverse/write-tag.ts';
import { decodeFinopsEvent } from '../../../shared/adapters/finops/finops-event.ts';
import { parseQueueBody } from '../../../shared/adapters/service-bus/change-message.ts';
import type { RejectedEvent } from '../../../shared/adapters/table-storage/table-rejected-store.ts';
import { context, entity, SAMPLES, spoil } from '../../shared/adapters/event-fuzz.ts';
import { createPipeline, type Pipeline } from '../../shared/pipeline/pipeline-fixture.ts';
import { type Random, seededRandom } from '../../simulation/random.ts';

const KEYS = ['k-0123456789abcdef', 'k-fedcba9876543210'];
const SECRET = 'a secret of the tags';
const ROW = '4e1d0f3c-5a0e-ee11-8f6e-000d3a000004';
const OCCURRED_MS = 1_767_225_600_000;
/** A tag of our own write of the row, and others that were taken from elsewhere or made up. */
export const OWN_TAG = signTag(ROW, OCCURRED_MS, SECRET);
const FORGED_TAGS = [
  signTag(ROW, OCCURRED_MS, 'another secret'),
  signTag('5e1d0f3c-5a0e-ee11-8f6e-000d3a000004', OCCURRED_MS, SECRET),
  signTag(ROW, OCCURRED_MS - 86_400_000, SECRET),
  OWN_TAG.slice(0, -1),
  `${OWN_TAG}A`,
  OWN_TAG.toUpperCase(),
  'tw2::',
  '',
];

const tagged = (tag: string) =>
  context('Update', 'customer', entity({ name: 'Northwind' }), { SharedVariables: [{ key: 'tag', value: tag }] });

/** Events of tables that maps are bound to, of others, and with genuine and forged tags. */
const BODIES: readonly object[] = [
  ...SAMPLES,
  context('Create', 'customer', entity({ number: 'C1', name: 'Northwind' })),
  context('OnExternalUpdated', 'mserp_customers', entity({ mserp_account: 'C1', mserp_dataareaid: 'usmf' })),
  context('Associate', 'customer', entity({})),
  context('Update', 'customer', entity({ colour: 'blue' })),
  { BusinessEventId: 'BusinessEventsTestEndpointContract', ControlNumber: 1 },
  { BusinessEventId: 'CustomerChanged', EventId: 'e'.repeat(500) },
  ...[OWN_TAG, OWN_TAG, ...FORGED_TAGS].map(tagged),
];

/** More than a message of the queue holds. */
const LARGE_BODIES: readonly object[] = [
  context('Update', 'customer', entity({ name: 'x'.repeat(300_000) })),
  context('OnExternalCreated', 'mserp_customers', entity({ mserp_account: 'C1', mserp_memo: 'x'.repeat(300_000) })),
  { BusinessEventId: 'CustomerChanged', Note: 'y'.repeat(400_000) },
];

export interface IngressScene {
  services: IngressServices;
  pipeline: Pipeline;
  kept: RejectedEvent[];
}

/** The receive function's surroundings: real decoders and signatures, a queue and stores in memory. */
export async function ingressScene(): Promise<IngressScene> {
  const pipeline = await createPipeline();
  const kept: RejectedEvent[] = [];
  const services: IngressServices = {
    config: { TWINWRITE_WEBHOOK_KEYS: KEYS },
    deps: pipeline.deps,
    telemetry: { ...pipeline.deps.telemetry, counts: () => ({}) },
    rejected: {
      ensureTables: async () => undefined,
      operations: () => ({}),
      keep: async (event) => {
        kept.push(event);
        return 'kept';
      },
    },
    decodeDataverseEvent,
    decodeFinopsEvent,
    isOwnTag: (tag, event) => isTagOf(tag, event, [SECRET]),
  };
  return { services, pipeline, kept };
}

export interface Posted {
  body: Buffer;
  key: string | null;
  /** Whether the key goes into the query, as F&O sends it, or into the header. */
  inQuery: boolean;
}

/** What the receive function answers to a body that a side posts. */
export async function post(scene: IngressScene, side: 'dataverse' | 'finops', posted: Posted): Promise<number> {
  const { body, key, inQuery } = posted;
  const query = key !== null && inQuery ? `?key=${encodeURIComponent(key)}` : '';
  const headers: Record<string, string> = key !== null && !inQuery ? { 'x-twinwrite-key': key } : {};
  const url = `http://127.0.0.1/api/ingress/${side}${query}`;
  const request = new HttpRequest({ method: 'POST', url, headers, body: { bytes: body } });
  const invocation = new InvocationContext({ invocationId: 'fuzz', functionName: 'fuzz', logHandler: () => undefined });
  const answer = await receiveEvent(scene.services, side === 'dataverse' ? DATAVERSE : FINOPS, request, invocation);
  return answer.status ?? 200;
}

const WRONG_KEYS = [null, '', ' ', 'k', 'k-0123456789abcde', 'K-0123456789ABCDEF', 'k-0123456789abcdef0', 'null'];

function next(random: Random): Posted {
  const bodies = random.chance(0.005) ? LARGE_BODIES : BODIES;
  const text = random.chance(0.1) ? JSON.stringify(random.pick(bodies)) : spoil(random, bodies);
  const bytes = Buffer.from(text);
  if (random.chance(0.05)) bytes.fill(random.below(256), random.below(bytes.length + 1));
  const padding = random.chance(0.001) ? Buffer.alloc(1_048_577, ' ') : Buffer.alloc(0);
  const wrong = random.chance(0.1);
  return {
    body: Buffer.concat([bytes, padding]),
    key: wrong ? random.pick(WRONG_KEYS) : random.pick(KEYS),
    inQuery: random.chance(0.5),
  };
}

/** What came of one body, by what was queued, kept and reported. */
interface Outcome {
  status: number;
  queued: number;
  kept: number;
  told: string[];
}

/** What is wrong with an outcome, if anything is. */
function wrongWith({ key, body }: Posted, side: string, { status, queued, kept, told }: Outcome): string | null {
  const seen = JSON.stringify([status, queued, kept, told]);
  if (key === null || !KEYS.includes(key)) return seen === '[401,0,0,[]]' ? null : `a wrong key gives ${seen}`;
  if (told.includes('event.echo') && !(side === 'dataverse' && isOurWrite(body)))
    return `a forgery is dropped: ${seen}`;
  if (status === 400 || status === 413)
    return queued + told.length === 0 && kept === 1 ? null : `it is not kept: ${seen}`;
  const expected = told[0] === 'event.accepted' ? queued === 1 : queued === 0;
  return status === 202 && told.length === 1 && kept === 0 && expected
    ? null
    : `there are two outcomes or none: ${seen}`;
}

/** Told apart from the code under test: the very tag, the row it was signed for, and its time. */
function isOurWrite(body: Buffer): boolean {
  const text = body.toString('utf8');
  return text.includes(`"${OWN_TAG}"`) && text.includes(`"${ROW}"`) && text.includes(`/Date(${OCCURRED_MS}`);
}

const MESSAGE_BYTES_MAX = 256_000;
const MESSAGE_ID_MAX = 128;

function wrongInQueue({ pipeline }: IngressScene): string | null {
  for (const message of pipeline.queue.take()) {
    const text = JSON.stringify(message);
    if (message.id.length > MESSAGE_ID_MAX || Buffer.byteLength(text) > MESSAGE_BYTES_MAX)
      return 'the queue is overfed';
    if (!parseQueueBody(text).ok) return 'the queue cannot carry it';
  }
  return null;
}

/** Mutated bodies through the receive function: what was wrong, if anything was, and how often each outcome came. */
export async function fuzzIngress(count: number, seed: number) {
  const random = seededRandom(seed);
  const scene = await ingressScene();
  const { pipeline, kept } = scene;
  const wrong: string[] = [];
  const outcomes: Record<string, number> = {};
  for (let index = 0; index < count && wrong.length < 5; index += 1) {
    const posted = next(random);
    const side = random.chance(0.5) ? 'dataverse' : 'finops';
    const status = await post(scene, side, posted);
    const told = pipeline.telemetry.splice(0).map(({ event }) => event);
    const isRepeated = told[0] === 'event.accepted' && pipeline.queue.length === 0;
    const outcome = { status, queued: isRepeated ? 1 : pipeline.queue.length, kept: kept.splice(0).length, told };
    const found = wrongWith(posted, side, outcome) ?? wrongInQueue(scene);
    if (found !== null) wrong.push(`${side} ${index}: ${found}: ${posted.body.toString('utf8').slice(0, 2_000)}`);
    const name = `${status} ${told.join()}`;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return { wrong, outcomes };
}
