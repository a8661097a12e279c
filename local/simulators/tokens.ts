import type { SimRequest, SimResponse } from './exchange.ts';

/** Issues and checks bearer tokens, like the token endpoint of the identity platform. */
export interface TokenIssuer {
  /** Answers a form post of the client-credentials flow. */
  answer(request: SimRequest): SimResponse;
  /** True for the header value of a token that was issued and has not expired. */
  accepts(authorization: string | undefined): boolean;
  /** Makes every token issued so far invalid. */
  expireAll(): void;
}

const lifeSeconds = 3599;

/** Tokens live in memory: after a restart clients have to ask again, as after a key roll-over. */
export function createTokenIssuer(options: { now: () => number; random: () => number }): TokenIssuer {
  const expiryByToken = new Map<string, number>();
  return {
    answer: (request) => {
      if (request.method !== 'POST') return answerJson(405, { error: 'invalid_request' });
      const form = new URLSearchParams(request.body.toString('utf8'));
      if (form.get('grant_type') !== 'client_credentials') return answerJson(400, { error: 'unsupported_grant_type' });
      if (!form.get('client_id') || !form.get('client_secret')) {
        return answerJson(401, {
          error: 'invalid_client',
          error_description: 'client_id and client_secret are needed.',
        });
      }
      for (const [token, expiry] of expiryByToken) if (expiry <= options.now()) expiryByToken.delete(token);
      const token = Array.from({ length: 4 }, () => Math.floor(options.random() * 2 ** 48).toString(36)).join('.');
      expiryByToken.set(token, options.now() + lifeSeconds * 1000);
      return answerJson(200, { token_type: 'Bearer', expires_in: lifeSeconds, access_token: token });
    },
    accepts: (authorization) => {
      const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
      return token !== undefined && (expiryByToken.get(token) ?? 0) > options.now();
    },
    expireAll: () => expiryByToken.clear(),
  };
}

/** The 401 of a call without a valid token. */
export function unauthorized(): SimResponse {
  return {
    status: 401,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'www-authenticate': 'Bearer error="invalid_token", error_description="The token is missing, unknown or expired."',
    },
    body: JSON.stringify({ error: { code: '', message: 'The token is missing, unknown or expired.' } }),
  };
}

/** A JSON answer of the token endpoint and the control API. */
export function answerJson(status: number, body: unknown): SimResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
