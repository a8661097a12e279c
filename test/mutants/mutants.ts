import { BOUNDARY_MUTANTS } from './catalogue/boundary-mutants.ts';
import { CLAIM_MUTANTS } from './catalogue/claim-mutants.ts';
import { INTENT_MUTANTS } from './catalogue/intent-mutants.ts';
import { NUMBERING_MUTANTS } from './catalogue/numbering-mutants.ts';
import { OUTAGE_MUTANTS } from './catalogue/outage-mutants.ts';
import { REPAIR_MUTANTS } from './catalogue/repair-mutants.ts';
import { ROW_MUTANTS } from './catalogue/row-mutants.ts';
import { STATE_MUTANTS } from './catalogue/state-mutants.ts';
import { TWIN_MUTANTS } from './catalogue/twin-mutants.ts';
import { VALUE_MUTANTS } from './catalogue/value-mutants.ts';
import { VERSION_MUTANTS } from './catalogue/version-mutants.ts';
import { WAITING_MUTANTS } from './catalogue/waiting-mutants.ts';
import type { Mutant } from './mutant.ts';

/** All of them, by the rules that they break; invariants that no rule spells out stand last. */
export const MUTANTS: readonly Mutant[] = [
  ...CLAIM_MUTANTS,
  ...INTENT_MUTANTS,
  ...VALUE_MUTANTS,
  ...ROW_MUTANTS,
  ...WAITING_MUTANTS,
  ...VERSION_MUTANTS,
  ...STATE_MUTANTS,
  ...OUTAGE_MUTANTS,
  ...REPAIR_MUTANTS,
  ...NUMBERING_MUTANTS,
  ...TWIN_MUTANTS,
  ...BOUNDARY_MUTANTS,
].sort((left, right) => rank(left) - rank(right));

function rank({ rule }: Mutant): number {
  return Number(rule.slice(1)) + (rule.startsWith('R') ? 0 : 100);
}
