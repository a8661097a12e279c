/**
 * Builds an element: `on…` functions become listeners, true and false set or leave out an attribute, other values are
 * attributes; undefined and null children are left out.
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** The element with this id; it must be there. */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  return element;
}

/** Puts children in place of the old ones. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== undefined && child !== null));
}

/** A sign that is read out as its word: the shape repeats what the word says, for those who scan. */
export function sign(kind, shape, word) {
  return h(
    'span',
    { class: `sign sign-${kind}` },
    h('span', { 'aria-hidden': 'true', class: 'shape' }, shape),
    h('span', { class: 'word' }, word),
  );
}

/** A time of day to the second, in the reader's zone. */
export function clock(atMs) {
  return new Date(atMs).toLocaleTimeString(undefined, { hour12: false });
}

/** Milliseconds as people say them: 312 ms, 4.1 s, 2 min. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}
