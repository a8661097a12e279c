import type { SimResponse } from './exchange.ts';
import { answerJson } from './tokens.ts';

const patienceMs = 4000;

/**
 * Asks the app for its health on behalf of the page, whose browser may not call another origin. Always answers 200:
 * `reachable` false, with the reason, when there was no answer in time; else the app's status and what it said.
 */
export async function askAppHealth(appUrl: string): Promise<SimResponse> {
  const beganMs = performance.now();
  const tookMs = (): number => Math.round(performance.now() - beganMs);
  try {
    const response = await fetch(`${appUrl}/api/health`, { signal: AbortSignal.timeout(patienceMs) });
    const health = readJson(await response.text());
    return answerJson(200, { appUrl, reachable: true, status: response.status, health, tookMs: tookMs() });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return answerJson(200, { appUrl, reachable: false, reason, tookMs: tookMs() });
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
