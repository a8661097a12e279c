/** A binding of a function with all its options, as the programming model hands it over. */
export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out' | 'inout';
  readonly [option: string]: unknown;
}

/** How a failed run of a timer is repeated; durations as the worker protocol writes them. */
export interface RetryPolicy {
  readonly maxRetryCount: number;
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  readonly delayInterval?: { readonly seconds?: number };
  readonly minimumInterval?: { readonly seconds?: number };
  readonly maximumInterval?: { readonly seconds?: number };
}

/** What a library registers. */
export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryPolicy;
}

export type FunctionCallback = (...args: unknown[]) => unknown;
export type HookCallback = (context: Record<string, unknown>) => unknown;

const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
type HookName = (typeof HOOK_NAMES)[number];

/** A registered function with its trigger found. */
export interface AppFunction {
  readonly id: string;
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly triggerName: string;
  readonly trigger: Binding;
  readonly callback: FunctionCallback;
}

/** Functions and hooks of one app. Closed once the app has started: later registrations throw. */
export interface Registry {
  readonly functions: Map<string, AppFunction>;
  readonly hooks: Record<HookName, HookCallback[]>;
  addFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void;
  addHook(name: string, callback: HookCallback): () => void;
  close(): void;
}

/** An empty registry. */
export function createRegistry(): Registry {
  const functions = new Map<string, AppFunction>();
  const hooks: Registry['hooks'] = { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] };
  let closed = false;
  return {
    functions,
    hooks,
    addFunction(metadata, callback) {
      if (closed) {
        throw systemError(Error, `The function '${metadata.name}' was registered after the app had started.`);
      }
      const added = toAppFunction(metadata, callback);
      if (functions.has(added.id)) {
        throw systemError(Error, `A function named '${added.id}' has already been registered.`);
      }
      functions.set(added.id, added);
      return () => functions.delete(added.id);
    },
    addHook(name, callback) {
      const kind = HOOK_NAMES.find((known) => known === name);
      if (kind === undefined) {
        throw systemError(RangeError, `Unrecognized hook "${name}".`);
      }
      hooks[kind].push(callback);
      return () => hooks[kind].splice(hooks[kind].indexOf(callback), 1);
    },
    close() {
      closed = true;
    },
  };
}

function toAppFunction(metadata: FunctionMetadata, callback: FunctionCallback): AppFunction {
  const found = Object.entries(metadata.bindings).find(
    ([, binding]) => binding.direction === 'in' && /trigger$/i.test(binding.type),
  );
  if (found === undefined) {
    throw systemError(Error, `The function '${metadata.name}' has no trigger.`);
  }
  const [triggerName, trigger] = found;
  const id = metadata.functionId ?? metadata.name;
  return { id, name: metadata.name, metadata, triggerName, trigger, callback };
}

/** The library tells its own errors from the app's by this mark. */
function systemError(type: typeof Error, message: string): Error {
  return Object.assign(new type(message), { isAzureFunctionsSystemError: true });
}
