import type { AppFunction, Registry } from './registry.ts';

const SUPPORTED_TRIGGERS: ReadonlySet<string> = new Set([
  'httptrigger',
  'timertrigger',
  'servicebustrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
]);
const SUPPORTED_INPUTS: ReadonlySet<string> = new Set(['durableclient', 'orchestrationclient']);
const SUPPORTED_OUTPUTS: ReadonlySet<string> = new Set(['http', 'servicebus']);

/**
 * The functions the host will run. Like the real host it leaves out, with a line in the log, those whose bindings it
 * does not know and those switched off by `AzureWebJobs.<name>.Disabled`.
 */
export function runnableFunctions(
  registry: Registry,
  settings: Readonly<Record<string, string>>,
  log: (line: string) => void,
): AppFunction[] {
  return [...registry.functions.values()].filter((known) => {
    if (/^(1|true)$/i.test(settings[`AzureWebJobs.${known.name}.Disabled`] ?? '')) {
      log(`information ${known.name}: disabled by a setting`);
      return false;
    }
    const reason = unsupportedReason(known);
    if (reason !== null) {
      log(`error ${known.name}: not started: ${reason}`);
    }
    return reason === null;
  });
}

function unsupportedReason(known: AppFunction): string | null {
  for (const [name, binding] of Object.entries(known.metadata.bindings)) {
    const type = binding.type.toLowerCase();
    const allowed =
      name === known.triggerName
        ? SUPPORTED_TRIGGERS
        : binding.direction === 'in'
          ? SUPPORTED_INPUTS
          : SUPPORTED_OUTPUTS;
    if (!allowed.has(type)) {
      return `the binding type '${binding.type}' is not offered by this host`;
    }
  }
  const isServiceBus = known.trigger.type.toLowerCase() === 'servicebustrigger';
  if (isServiceBus && known.metadata.retryOptions !== undefined) {
    return 'retry policies are not offered for Service Bus triggers; the queue redelivers by itself';
  }
  return null;
}

/** Functions whose trigger has the given type. */
export function withTrigger(functions: readonly AppFunction[], type: string): AppFunction[] {
  return functions.filter(({ trigger }) => trigger.type.toLowerCase() === type.toLowerCase());
}
