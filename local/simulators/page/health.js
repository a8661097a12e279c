import { byId, fill, sign } from './element.js';
import { callApi } from './systems.js';

/** Asks how the app is, and shows it in one line. */
export async function refreshHealth() {
  fill(byId('health'), await healthSign());
}

async function healthSign() {
  let answer;
  try {
    answer = await callApi('GET', 'app-health');
  } catch (fault) {
    return sign('bad', '✕', fault.message);
  }
  if (!answer.reachable) {
    return sign('bad', '✕', `Twinwrite at ${answer.appUrl} does not answer; changes wait until it is back`);
  }
  const { health } = answer;
  const gone = (health?.offline ?? []).map((side) => (side === 'finops' ? 'F&O' : 'Dataverse')).join(' and ');
  if (gone !== '') return sign('warn', '!', `${gone} is gone for Twinwrite; changes wait until it is back`);
  if (health?.healthy === true) return sign('good', '✓', `Twinwrite is well: ${health.maps} maps`);
  const reason = health?.detail ?? (health?.notReady ? `not ready: ${health.notReady.join(', ')}` : '');
  return sign('warn', '!', `Twinwrite answers ${answer.status} ${reason}`.trim());
}
