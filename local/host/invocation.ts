import { randomUUID } from 'node:crypto';
import {
  type CoreContext,
  type ProgrammingModel,
  programmingModel,
  type RpcRequest,
  type RpcResponse,
} from './functions-core.ts';
import type { AppFunction, FunctionCallback, HookCallback, Registry } from './registry.ts';
import type { TypedData } from './typed-data.ts';
import type { WorkGauge } from './work-gauge.ts';

/** One call to a function. */
export interface Invocation {
  readonly data: TypedData;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: NonNullable<RpcRequest['retryContext']>;
  readonly invocationId?: string;
  /** A repetition for the host's own ends: not counted, not logged, no hooks. */
  readonly shadow?: boolean;
}

/** What came of a call: the protocol's answer and the value the handler returned. */
interface Completed {
  readonly response: RpcResponse;
  readonly result: unknown;
}

/** Calls functions of the app. */
export interface Invoker {
  /** Throws what the function, a hook or an output binding threw, or a timeout by `functionTimeout`. */
  invoke(target: AppFunction, call: Invocation): Promise<Completed>;
  /** Runs the hooks of the start or the end of the app. */
  runAppHooks(name: 'appStart' | 'appTerminate'): Promise<void>;
  /** Calls since the start, by function name. */
  counts(): Record<string, number>;
}

/** What the pipeline needs from the host. */
export interface InvokerOptions {
  readonly registry: Registry;
  readonly appDirectory: string;
  readonly timeoutMs: number | null;
  readonly gauge: WorkGauge;
  readonly log: (line: string) => void;
  /** Values of the inputs other than the trigger, by binding name. */
  readonly extraInputs: (target: AppFunction) => Record<string, TypedData>;
  /** Sends what the function put into its output bindings. */
  readonly sendOutputs: (target: AppFunction, response: RpcResponse) => Promise<void>;
}

type HookData = Record<string, unknown>;

/** An invoker over the functions of a registry. */
export function createInvoker(options: InvokerOptions): Invoker {
  const counts = new Map<string, number>();
  const appHookData: HookData = {};
  return {
    async invoke(target, call) {
      const { gauge } = options;
      if (call.shadow !== true) {
        counts.set(target.name, (counts.get(target.name) ?? 0) + 1);
      }
      gauge.begin();
      try {
        return await withTimeout(runPipeline(options, appHookData, target, call), target.name, options.timeoutMs);
      } finally {
        gauge.end();
      }
    },
    async runAppHooks(name) {
      const context = { functionAppDirectory: options.appDirectory, hookData: {}, appHookData };
      await runHooks(options.registry.hooks[name], context);
    },
    counts: () => Object.fromEntries(counts),
  };
}

async function runPipeline(
  options: InvokerOptions,
  appHookData: HookData,
  target: AppFunction,
  call: Invocation,
): Promise<Completed> {
  const { registry } = options;
  const core = coreContext(options, target, call);
  const model = await (programmingModel() as ProgrammingModel).getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const shared = { hookData: {}, appHookData, invocationContext: context };
  const pre: Record<string, unknown> = { ...shared, inputs, functionCallback: target.callback };
  if (call.shadow === true) {
    const result = await model.invokeFunction(context, inputs, target.callback);
    return { response: await model.getResponse(context, result), result };
  }
  core.state = 'preInvocationHooks';
  await runHooks(registry.hooks.preInvocation, pre);
  core.state = 'invocation';
  const post: Record<string, unknown> = { ...shared, inputs: pre['inputs'], result: undefined, error: null };
  try {
    const callback = pre['functionCallback'] as FunctionCallback;
    post['result'] = await model.invokeFunction(context, pre['inputs'] as unknown[], callback);
  } catch (error) {
    post['error'] = error;
  }
  core.state = 'postInvocationHooks';
  await runHooks(registry.hooks.postInvocation, post);
  core.state = undefined;
  if (post['error'] !== null && post['error'] !== undefined) {
    throw post['error'];
  }
  const response = await model.getResponse(context, post['result']);
  await options.sendOutputs(target, response);
  return { response, result: post['result'] };
}

function coreContext(options: InvokerOptions, target: AppFunction, call: Invocation): CoreContext {
  const invocationId = call.invocationId ?? randomUUID();
  const extra = Object.entries(options.extraInputs(target)).map(([name, data]) => ({ name, data }));
  const request: RpcRequest = {
    invocationId,
    functionId: target.id,
    inputData: [{ name: target.triggerName, data: call.data }, ...extra],
    triggerMetadata: call.triggerMetadata ?? {},
    traceContext: { traceParent: traceParent(), traceState: '', attributes: {} },
    ...(call.retryContext === undefined ? {} : { retryContext: call.retryContext }),
  };
  return {
    invocationId,
    request,
    metadata: target.metadata,
    state: undefined,
    log: (level, category, message) => {
      if (call.shadow !== true) {
        logLine(options, target.name, level, category, message);
      }
    },
  };
}

/** A fresh `traceparent` (W3C Trace Context). Ids are taken from UUIDs, whose random bytes Node draws in bulk. */
function traceParent(): string {
  const hex = (): string => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(0, 16)}-01`;
}

function logLine(options: InvokerOptions, name: string, level: string, category: string, message: string): void {
  const context: Record<string, unknown> = { level, category, message, hookData: {}, appHookData: {} };
  for (const hook of options.registry.hooks.log) {
    hook(context);
  }
  options.log(`${context['level']} ${name}: ${context['message']}`);
}

async function runHooks(hooks: readonly HookCallback[], context: Record<string, unknown>): Promise<void> {
  for (const hook of hooks) {
    await hook(context);
  }
}

async function withTimeout<T>(work: Promise<T>, name: string, timeoutMs: number | null): Promise<T> {
  if (timeoutMs === null) {
    return await work;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The function '${name}' exceeded the functionTimeout of ${timeoutMs} ms.`;
    timer = setTimeout(() => reject(new Error(message)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
