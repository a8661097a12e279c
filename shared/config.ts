import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ });

/** A token travels there, so that it has to be TLS; only on this machine it may be plain. */
const tokenUrl = url.pipe(
  z.string().refine((text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  }, 'has to begin with https://'),
);
const secret = z.string().min(16, 'needs at least 16 characters');

/** Up to two secrets, parted by a comma, so that one can be exchanged while the other is still in use. */
const secrets = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(secret).min(1).max(2));

const settings = z.object({
  /** `https://<organisation>.api.<region>.dynamics.com/api/data/v9.2` */
  TWINWRITE_DATAVERSE_URL: tokenUrl,
  /** `https://<environment>.operations.dynamics.com` */
  TWINWRITE_FINOPS_URL: tokenUrl,
  /** Webhook keys: the newest first, the one before it while senders change over. */
  TWINWRITE_WEBHOOK_KEYS: secrets,
  /** Secrets that sign the tag on our Dataverse writes: the newest signs, both verify. */
  TWINWRITE_TAG_SECRETS: secrets,
  /** How calls to the two systems sign in. */
  TWINWRITE_IDENTITY: z.enum(['managed-identity', 'developer', 'client-credentials']).default('managed-identity'),
  /** Client id of the user-assigned identity. */
  AZURE_CLIENT_ID: z.string().optional(),
  TWINWRITE_TOKEN_URL: tokenUrl.optional(),
  TWINWRITE_CLIENT_ID: z.string().optional(),
  TWINWRITE_CLIENT_SECRET: z.string().optional(),
  /** Table Storage: the endpoint with identity, or a connection string where there is none (Azurite). */
  TWINWRITE_TABLES_URL: tokenUrl.optional(),
  TWINWRITE_TABLES_CONNECTION: z.string().optional(),
  /** Service Bus: a connection string, or the host name with identity. */
  ServiceBusConnection: z.string().optional(),
  ServiceBusConnection__fullyQualifiedNamespace: z.string().optional(),
  /** A second namespace, to which the two systems post events themselves; none: they post to webhooks only. */
  DirectEventsConnection: z.string().optional(),
  DirectEventsConnection__fullyQualifiedNamespace: z.string().optional(),
  /** Set by App Service where people sign in: `True`. */
  WEBSITE_AUTH_ENABLED: z.string().optional(),
  /** Whether a referred-to record that was never synchronised is brought over first; else its referrers wait for it. */
  TWINWRITE_SYNC_MISSING_PARENTS: z.enum(['true', 'false']).default('true'),
  /** Seconds between two looks at what changed in Dataverse, for events that were lost; 0 for none. */
  TWINWRITE_CATCH_UP_SECONDS: z.coerce.number().int().min(0).max(86_400).default(300),
  /** Whether F&O refuses a write with a stale `If-Match`; otherwise etags are compared just before writing. */
  TWINWRITE_FINOPS_HONOURS_IF_MATCH: z.enum(['true', 'false']).default('true'),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** What is needed only with, or instead of, other settings; judged though others are wrong, too. */
function missingTogether(environment: Environment): string[] {
  const problems: string[] = [];
  const need = (missing: boolean, name: string, message: string): void => {
    if (missing) problems.push(`  ${name}: ${message}`);
  };
  const isUnset = (...names: string[]): boolean => names.every((name) => environment[name] === undefined);
  const byUrl = environment['TWINWRITE_IDENTITY'] === 'client-credentials';
  for (const name of ['TWINWRITE_TOKEN_URL', 'TWINWRITE_CLIENT_ID', 'TWINWRITE_CLIENT_SECRET']) {
    need(byUrl && isUnset(name), name, 'is needed with TWINWRITE_IDENTITY=client-credentials');
  }
  const noTables = isUnset('TWINWRITE_TABLES_URL', 'TWINWRITE_TABLES_CONNECTION');
  need(noTables, 'TWINWRITE_TABLES_URL', 'or TWINWRITE_TABLES_CONNECTION is needed');
  const noBus = isUnset('ServiceBusConnection', 'ServiceBusConnection__fullyQualifiedNamespace');
  need(noBus, 'ServiceBusConnection__fullyQualifiedNamespace', 'or ServiceBusConnection is needed');
  return problems;
}

/** The settings of the app, checked. */
export type Config = z.infer<typeof settings>;

/** Whether the two systems may post to queues; asked before any setting is checked, when the triggers are registered. */
export function listensDirectly(environment: Environment = process.env): boolean {
  const { DirectEventsConnection, DirectEventsConnection__fullyQualifiedNamespace } = environment;
  return (DirectEventsConnection ?? DirectEventsConnection__fullyQualifiedNamespace ?? '') !== '';
}

/** The settings are missing or wrong: every problem is named in the message. */
export class ConfigError extends Error {}

/**
 * Reads the settings from the environment; the only place that does.
 * @throws ConfigError naming all missing and wrong settings at once.
 */
export function readConfig(environment: Environment = process.env): Config {
  const parsed = settings.safeParse(environment);
  const wrong = parsed.error?.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`) ?? [];
  const problems = [...wrong, ...missingTogether(environment)];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new ConfigError(`Settings are missing or wrong:\n${[...new Set(problems)].join('\n')}`);
}
