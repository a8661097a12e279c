import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { timeSpanMs } from './time-span.ts';

const OVERRIDE_PREFIX = 'AzureFunctionsJobHost__';
const MINUTE_MS = 60_000;

const duration = z.string().transform((text, context) => {
  const valueMs = timeSpanMs(text);
  if (valueMs === null) {
    context.addIssue(`"${text}" is no time span like 00:05:00`);
    return z.NEVER;
  }
  return valueMs;
});

const count = z.coerce.number().int();
const flag = z.union([z.boolean(), z.stringbool()]);

const serviceBusSchema = z.object({
  prefetchCount: count.nonnegative().default(0),
  autoCompleteMessages: flag.default(true),
  maxAutoLockRenewalDuration: duration.default(5 * MINUTE_MS),
  maxConcurrentCalls: count.positive().default(16 * availableParallelism()),
  maxConcurrentSessions: count.positive().default(8),
  maxConcurrentCallsPerSession: count.positive().default(1),
  maxMessageBatchSize: count.positive().default(1000),
  minMessageBatchSize: count.positive().default(1),
  maxBatchWaitTime: duration.default(MINUTE_MS / 2),
  sessionIdleTimeout: duration.nullable().default(null),
});

const schema = z.looseObject({
  version: z.literal('2.0').default('2.0'),
  functionTimeout: z.union([z.literal('-1').transform(() => null), duration]).default(null),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default('api') }).prefault({}),
      serviceBus: serviceBusSchema.prefault({}),
      durableTask: z
        .looseObject({
          hubName: z.string().default('TestHubName'),
          maxConcurrentActivityFunctions: count.positive().default(10 * availableParallelism()),
          maxConcurrentOrchestratorFunctions: count.positive().default(10 * availableParallelism()),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** host.json with its defaults; durations in milliseconds, a `functionTimeout` of null is none. */
export type HostJson = z.infer<typeof schema>;

/** The Service Bus part of host.json. */
export type ServiceBusOptions = z.infer<typeof serviceBusSchema>;

/**
 * Reads host.json of an app; a missing file means all defaults. Settings named `AzureFunctionsJobHost__a__b` win over
 * the file (Azure Functions, "host.json reference": override host.json values). Throws one error that names every
 * wrong value.
 */
export function readHostJson(appDirectory: string, settings: Readonly<Record<string, string>>): HostJson {
  const path = join(appDirectory, 'host.json');
  const document: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const parsed = schema.safeParse(withOverrides(document, settings));
  if (!parsed.success) {
    throw new Error(`host.json is wrong:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

function withOverrides(document: unknown, settings: Readonly<Record<string, string>>): unknown {
  let result = document;
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith(OVERRIDE_PREFIX)) {
      result = setAt(result, name.slice(OVERRIDE_PREFIX.length).split('__'), value);
    }
  }
  return result;
}

function setAt(target: unknown, path: readonly string[], value: string): unknown {
  const [head, ...rest] = path;
  if (head === undefined) {
    return value;
  }
  const object = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
  return { ...object, [head]: setAt(object[head], rest, value) };
}
