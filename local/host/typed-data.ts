/**
 * Values as they travel between the Functions host and its Node worker: exactly one of the fields is set
 * (azure-functions-language-worker-protobuf, `TypedData`).
 */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: RpcHttp;
  readonly int?: number;
  readonly double?: number;
  readonly collectionString?: { readonly string: readonly string[] };
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly collectionSint64?: { readonly sint64: readonly Int64[] };
}

/** A 64-bit integer as the worker's gRPC loader hands it out inside arrays. */
export interface Int64 {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** A text that may be absent, as protobuf wraps it. */
export interface NullableString {
  readonly value: string;
}

/** A cookie of an HTTP answer; `expires` is a protobuf timestamp. */
export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: NullableString;
  readonly path?: NullableString;
  readonly expires?: { readonly value: { readonly seconds: number; readonly nanos?: number } | Date | number };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
}

/** A request or an answer of an HTTP trigger. */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Record<string, NullableString>;
  readonly nullableQuery?: Record<string, NullableString>;
  readonly nullableParams?: Record<string, NullableString>;
  readonly body?: TypedData | null;
  readonly statusCode?: string;
  readonly headers?: Record<string, string>;
  readonly cookies?: readonly RpcCookie[];
}

/** The value as JSON text: texts are quoted, so that any activity's result can be read back. */
export function toJsonText(data: TypedData | null | undefined): string {
  if (data === null || data === undefined) {
    return 'null';
  }
  if (data.json !== undefined) {
    return data.json;
  }
  if (data.bytes !== undefined) {
    return JSON.stringify(Buffer.from(data.bytes).toString('base64'));
  }
  return JSON.stringify(data.string ?? data.int ?? data.double ?? data.collectionString?.string ?? null);
}
