import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../../ports/clock.ts';
import { parseObject } from './exact-json.ts';

export interface ClientCredentials {
  /** Address of the token endpoint. */
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  clock: Clock;
  timeoutMs: number;
}

/**
 * A credential for a plain OAuth 2.0 token endpoint with the client credentials grant (RFC 6749 section 4.4), for
 * servers outside Microsoft Entra. `getToken` rejects with the endpoint's status in `statusCode`.
 */
export function createClientCredential(options: ClientCredentials): TokenCredential {
  return {
    async getToken(scopes) {
      const response = await fetch(options.tokenUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: options.clientId,
          client_secret: options.clientSecret,
          scope: [scopes].flat().join(' '),
        }).toString(),
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      const answer = parseObject(await response.text());
      const token = answer['access_token'];
      if (response.status !== 200 || typeof token !== 'string') {
        const error = typeof answer['error'] === 'string' ? answer['error'] : 'no token in the answer';
        const message = `The token endpoint answered ${response.status}: ${error}.`;
        throw Object.assign(new Error(message), { statusCode: response.status });
      }
      const expiresMs = Number(answer['expires_in'] ?? 0) * 1_000;
      return { token, expiresOnTimestamp: options.clock.nowMs() + expiresMs };
    },
  };
}
