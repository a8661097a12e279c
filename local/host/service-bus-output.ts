import type { ServiceBusSender } from '@azure/service-bus';
import type { RpcResponse } from './functions-core.ts';
import type { AppFunction, Binding } from './registry.ts';
import { createServiceBusClients, serviceBusPlace } from './service-bus-connection.ts';
import type { TypedData } from './typed-data.ts';

/** Sends what functions put into their Service Bus output bindings. */
export interface ServiceBusOutputs {
  /** Resolves once the broker took all messages; throws what the client throws. */
  send(target: AppFunction, response: RpcResponse): Promise<void>;
  close(): Promise<void>;
}

/** Outputs over the connections named in the settings; senders are opened at their first use and kept. */
export function openServiceBusOutputs(settings: Readonly<Record<string, string>>): ServiceBusOutputs {
  const clients = createServiceBusClients();
  const senders = new Map<string, ServiceBusSender>();
  const senderOf = (binding: Binding): ServiceBusSender => {
    const place = serviceBusPlace(binding, settings);
    const key = `${place.connectionString}\n${place.entity}`;
    const known = senders.get(key) ?? clients.get(place.connectionString).createSender(place.entity);
    senders.set(key, known);
    return known;
  };
  return {
    async send(target, response) {
      for (const { name, data } of outputsOf(response)) {
        const binding = target.metadata.bindings[name];
        if (binding?.type.toLowerCase() === 'servicebus') {
          const messages = messageBodies(data).map((body) => ({ body }));
          await senderOf(binding).sendMessages(messages);
        }
      }
    },
    close: () => clients.close(),
  };
}

function outputsOf(response: RpcResponse): { name: string; data: TypedData }[] {
  const { returnValue, outputData } = response;
  const returned = returnValue === undefined || returnValue === null ? [] : [{ name: '$return', data: returnValue }];
  return [...(outputData ?? []), ...returned];
}

/** One body per message: the elements of an array are messages of their own. */
function messageBodies(data: TypedData): Buffer[] {
  if (data.bytes !== undefined) {
    return [Buffer.from(data.bytes)];
  }
  if (data.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    const items = Array.isArray(value) ? value : [value];
    return items.map((item) => Buffer.from(typeof item === 'string' ? item : JSON.stringify(item)));
  }
  return [Buffer.from(data.string ?? String(data.int ?? data.double ?? ''))];
}
