/**
 * The value itself, made unchangeable with everything in it: what is stored may then be handed out without a copy, and
 * whoever would change it is told at once. What is frozen already is not visited again.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}
