import { byId, fill, h } from './element.js';
import { sides } from './record-types.js';
import { callApi } from './systems.js';

/** What can be put in force, by name in the control API; `said` is how the banner puts it. */
const modes = [
  { id: 'off', label: 'Working', said: '' },
  { id: 'throttle-429', label: 'Too many requests (429)', said: 'answers 429, too many requests' },
  { id: 'unavailable-503', label: 'Unavailable (503)', said: 'answers 503, unavailable' },
  { id: 'slow', label: 'Slow (2 s per call)', said: 'takes 2 s for each call', delayMs: 2000 },
  { id: 'lost-webhook', label: 'Events lost', said: 'loses its events' },
  { id: 'offline', label: 'Offline', said: 'is offline: all calls and events fail' },
];

/** The switches that break either side, and the banner that says what is broken. */
export function createFaults() {
  const selects = {};
  const message = h('p', { class: 'error', role: 'alert' });
  const allOff = h('button', { type: 'button' }, 'Repair everything');
  const rows = Object.values(sides).map(({ id, name }) => {
    selects[id] = h(
      'select',
      { id: `fault-${id}` },
      modes.map((mode) => h('option', { value: mode.id }, mode.label)),
    );
    return h('div', { class: 'control' }, h('label', { for: `fault-${id}` }, name), selects[id]);
  });
  fill(byId('faults'), rows, allOff, message);

  const show = (inForce) => {
    const sentences = [];
    for (const { id, name } of Object.values(sides)) {
      const kinds = inForce[id].map(({ kind }) => kind);
      const mode = kinds.length === 1 ? modes.find((one) => one.id === kinds[0]) : undefined;
      choose(selects[id], kinds.length === 0 ? 'off' : (mode?.id ?? kinds.join(', ')));
      selects[id].classList.toggle('in-force', kinds.length > 0);
      if (kinds.length > 0) sentences.push(`${name} ${mode?.said ?? `has ${kinds.join(', ')}`}.`);
    }
    allOff.disabled = sentences.length === 0;
    banner(sentences, repair);
  };
  const attempt = async (act) => {
    try {
      show(await act());
      message.textContent = '';
    } catch (fault) {
      message.textContent = fault.message;
    }
  };
  const set = async (side, id) => {
    // A fault goes into force beside the others of its side, so those end first.
    const cleared = await callApi('PUT', 'faults', { side, kind: 'off' });
    const mode = modes.find((one) => one.id === id);
    if (mode === undefined || id === 'off') return cleared;
    return callApi('PUT', 'faults', { side, kind: id, delayMs: mode.delayMs ?? 0 });
  };
  const repair = () =>
    attempt(async () => {
      await set('finops', 'off');
      return set('dataverse', 'off');
    });
  for (const [side, select] of Object.entries(selects)) {
    select.addEventListener('change', () => attempt(() => set(side, select.value)));
  }
  allOff.addEventListener('click', repair);
  return { refresh: () => attempt(() => callApi('GET', 'faults')) };
}

function banner(sentences, repair) {
  const place = byId('broken');
  const text = sentences.join(' ');
  place.hidden = sentences.length === 0;
  if (place.dataset.text === text) return;
  place.dataset.text = text;
  fill(
    place,
    h('span', { 'aria-hidden': 'true' }, '⚠'),
    h('span', {}, `Broken on purpose: ${text}`),
    h('button', { type: 'button', onclick: repair }, 'Repair'),
  );
}

/** Several faults at once can be set by other means only; they are shown all the same. */
function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.append(h('option', { value }, value));
  select.value = value;
}
