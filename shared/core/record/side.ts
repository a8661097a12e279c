/** The two systems that Twinwrite keeps the same. `finops` is Dynamics 365 Finance and Operations. */
export type Side = 'finops' | 'dataverse';

/** Both sides, in the order in which they are always visited. */
export const SIDES: readonly Side[] = ['finops', 'dataverse'];

export function otherSide(side: Side): Side {
  return side === 'finops' ? 'dataverse' : 'finops';
}

/** One value of a kind for each side. */
export type PerSide<T> = Record<Side, T>;
