import { ServiceBusClient } from '@azure/service-bus';
import { resolveExpressions } from './app-settings.ts';
import type { Binding } from './registry.ts';

const DEFAULT_SETTING = 'AzureWebJobsServiceBus';

/** The queue, topic or subscription a binding names. */
export interface ServiceBusPlace {
  readonly connectionString: string;
  /** Queue or topic. */
  readonly entity: string;
  readonly subscription: string | null;
}

/**
 * Finds what a Service Bus binding refers to: `connection` names a setting that holds a connection string. Throws when
 * the setting is missing or holds a namespace for Entra ID, which this host cannot sign in to.
 */
export function serviceBusPlace(binding: Binding, settings: Readonly<Record<string, string>>): ServiceBusPlace {
  const named = typeof binding['connection'] === 'string' ? binding['connection'] : DEFAULT_SETTING;
  const name = resolveExpressions(named, settings);
  const connectionString = settings[name] ?? settings[`AzureWebJobs${name}`];
  if (connectionString === undefined) {
    const identity = settings[`${name}__fullyQualifiedNamespace`] !== undefined;
    throw new Error(
      identity
        ? `The Service Bus connection '${name}' is identity-based; the embedded host needs a connection string.`
        : `The setting '${name}' with the Service Bus connection string is missing.`,
    );
  }
  const text = (option: string): string | null => {
    const value = binding[option];
    return typeof value === 'string' ? resolveExpressions(value, settings) : null;
  };
  const entity = text('queueName') ?? text('topicName');
  if (entity === null) {
    throw new Error('A Service Bus binding needs a queueName or a topicName.');
  }
  return { connectionString, entity, subscription: text('subscriptionName') };
}

/** Clients shared by the bindings that use the same connection string. */
export interface ServiceBusClients {
  get(connectionString: string): ServiceBusClient;
  close(): Promise<void>;
}

/** A pool without clients; each is opened at its first use. */
export function createServiceBusClients(): ServiceBusClients {
  const clients = new Map<string, ServiceBusClient>();
  return {
    get(connectionString) {
      const known = clients.get(connectionString) ?? new ServiceBusClient(connectionString);
      clients.set(connectionString, known);
      return known;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
      clients.clear();
    },
  };
}
