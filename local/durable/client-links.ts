/** Where the durable management API of a host is reached. */
export interface ManagementPlace {
  /** For callers outside, such as `http://localhost:7071/runtime/webhooks/durabletask`. */
  readonly baseUrl: string;
  /** For the SDK's client inside the app; needs no key. Ends with a slash. */
  readonly rpcBaseUrl: string;
  readonly taskHub: string;
  /** Key of the webhooks; null when the host asks for none. */
  readonly code: string | null;
}

/** Query that every link carries. */
function requiredQuery({ taskHub, code }: ManagementPlace): string {
  return `taskHub=${taskHub}&connection=Storage${code === null ? '' : `&code=${code}`}`;
}

/** The links to one instance, by the names of the SDK's `HttpManagementPayload`. */
export function managementLinks(place: ManagementPlace, instanceId: string): Record<string, string> {
  const query = requiredQuery(place);
  const base = `${place.baseUrl}/instances/${instanceId}`;
  return {
    id: instanceId,
    statusQueryGetUri: `${base}?${query}`,
    sendEventPostUri: `${base}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${base}/terminate?reason={text}&${query}`,
    rewindPostUri: `${base}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${base}?${query}`,
    restartPostUri: `${base}/restart?${query}`,
    suspendPostUri: `${base}/suspend?reason={text}&${query}`,
    resumePostUri: `${base}/resume?reason={text}&${query}`,
  };
}

/** Value of a `durableClient` input, as JSON text. */
export function clientBinding(place: ManagementPlace): string {
  const query = requiredQuery(place);
  const create = `${place.baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName: place.taskHub,
    creationUrls: { createNewInstancePostUri: `${create}?${query}` },
    managementUrls: managementLinks(place, 'INSTANCEID'),
    baseUrl: place.baseUrl,
    requiredQueryStringParameters: place.code === null ? '' : `code=${place.code}`,
    rpcBaseUrl: place.rpcBaseUrl,
  });
}
