import type { AccessToken, TokenCredential } from '@azure/identity';
import { type Fault, failure, type Result, success } from '../../core/fault/fault.ts';
import type { Clock } from '../../ports/clock.ts';

/** A token is not used within this time of its end, so that none ends on the way. */
const MARGIN_MS = 300_000;

export interface TokenSource {
  /** A token that is good for minutes. Faults: `unauthorised` when it is refused, `transient` when it is unobtainable. */
  current(): Promise<Result<string>>;
  /** A token other than the refused one, asked for once however many callers were refused. Faults as for `current`. */
  renewed(refused: string): Promise<Result<string>>;
}

/** Tokens of a credential for one scope (`https://<environment>/.default`), kept to five minutes before their end. */
export function createTokenSource(credential: TokenCredential, scope: string, clock: Clock): TokenSource {
  let kept: AccessToken | null = null;
  let pending: Promise<Result<string>> | null = null;
  const ask = (): Promise<Result<string>> => {
    pending ??= requestToken(credential, scope)
      .then((answer) => {
        if (!answer.ok) return answer;
        kept = answer.value;
        return success(answer.value.token);
      })
      .finally(() => {
        pending = null;
      });
    return pending;
  };
  return {
    current: () =>
      kept !== null && kept.expiresOnTimestamp - MARGIN_MS > clock.nowMs()
        ? Promise.resolve(success(kept.token))
        : ask(),
    renewed(refused) {
      if (kept?.token === refused) kept = null;
      return this.current();
    },
  };
}

async function requestToken(credential: TokenCredential, scope: string): Promise<Result<AccessToken>> {
  try {
    const token = await credential.getToken(scope);
    return token === null ? failure(refusal('the credential gave none')) : success(token);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure(isRefusal(error) ? refusal(message) : { ...unobtainable, detail: message });
  }
}

const unobtainable: Fault = {
  code: 'TW102',
  class: 'transient',
  message: 'The sign-in service did not give a token. It is asked again.',
};

function refusal(detail: string): Fault {
  const message = 'The sign-in service refused a token. Check the identity and its secret.';
  return { code: 'TW104', class: 'unauthorised', message, detail };
}

/** `AuthenticationError` tells the status; `CredentialUnavailableError` means that nothing is set up to sign in with. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'CredentialUnavailableError') return true;
  const status = 'statusCode' in error ? Number(error.statusCode) : 0;
  return status >= 400 && status < 500 && status !== 429 && status !== 408;
}
