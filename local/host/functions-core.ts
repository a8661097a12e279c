import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, HookCallback, Registry } from './registry.ts';
import type { TypedData } from './typed-data.ts';

const CORE_NAME = '@azure/functions-core';

/** One call of a function as the worker protocol describes it. */
export interface RpcRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> };
  readonly retryContext?: { retryCount: number; maxRetryCount: number; exception: { message: string } | null };
}

/** What comes back from a function. */
export interface RpcResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}

/** The part of `@azure/functions` that turns protocol messages into handler arguments and back. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(defaults: Record<string, string>): Promise<Record<string, string>> | Record<string, string>;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcResponse>;
}

export interface CoreContext {
  readonly invocationId: string;
  readonly request: RpcRequest;
  readonly metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: string, category: string, message: string): void;
}

/** Where the libraries of this process register: the app that is being loaded, and what it logs. */
interface Target {
  readonly registry: Registry;
  readonly log: (level: string, category: string, message: string) => void;
}

let target: Target | null = null;
let model: ProgrammingModel | null = null;

class Disposable {
  readonly #release: () => void;

  constructor(release: () => void) {
    this.#release = release;
  }

  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) {
        item.dispose();
      }
    });
  }

  dispose(): void {
    this.#release();
  }
}

/** The object that stands in for the package `@azure/functions-core`, which only exists inside the real worker. */
const coreModule = {
  version: '3.12.0',
  hostVersion: '4.1045.200',
  Disposable,
  registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
    new Disposable(current().registry.addFunction(metadata, callback)),
  registerHook: (name: string, callback: HookCallback) => new Disposable(current().registry.addHook(name, callback)),
  setProgrammingModel(next: ProgrammingModel) {
    if (model !== null && model !== next) {
      throw new Error('Two copies of @azure/functions are in use; the app and its libraries must share one.');
    }
    model = next;
  },
  getProgrammingModel: () => model,
  log: (level: string, category: string, message: string) => target?.log(level, category, message),
};

function current(): Target {
  if (target === null) {
    throw new Error('No app is being loaded.');
  }
  return target;
}

type Require = (this: unknown, id: string) => unknown;
let patched = false;

/**
 * Makes `require('@azure/functions-core')` answer, as the real worker does, by replacing `Module.prototype.require`.
 * Must come before the app's first import: `@azure/functions` asks once and keeps the answer for ever.
 */
export function installFunctionsCore(): void {
  if (patched) {
    return;
  }
  patched = true;
  const prototype = Module.prototype as unknown as { require: Require };
  const original = prototype.require;
  prototype.require = function require(id) {
    return id === CORE_NAME ? coreModule : original.call(this, id);
  };
}

/** Directs registrations and logs of this process to an app. */
export function registerInto(next: Target): void {
  target = next;
}

/** The programming model in use. Throws when no `@azure/functions` has registered anything yet. */
export function programmingModel(): ProgrammingModel {
  if (model === null) {
    throw new Error(
      'The app registered nothing by @azure/functions v4: either its entry file is another one, or the package was ' +
        'imported in this process before the host started.',
    );
  }
  return model;
}
