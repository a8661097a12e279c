import { CATCH_UP_SCENARIOS } from './scenarios/catch-up-scenarios.ts';
import { CLAIM_SCENARIOS } from './scenarios/claim-scenarios.ts';
import { NUMBERING_SCENARIOS } from './scenarios/numbering-scenarios.ts';
import { OUTAGE_SCENARIOS } from './scenarios/outage-scenarios.ts';
import { REPAIR_SCENARIOS } from './scenarios/repair-scenarios.ts';
import { ROW_SCENARIOS } from './scenarios/row-scenarios.ts';
import { STATE_SCENARIOS } from './scenarios/state-scenarios.ts';
import { TWIN_SCENARIOS } from './scenarios/twin-scenarios.ts';
import { VALUE_SCENARIOS } from './scenarios/value-scenarios.ts';
import { VERSION_SCENARIOS } from './scenarios/version-scenarios.ts';
import { WAITING_SCENARIOS } from './scenarios/waiting-scenarios.ts';

/** What chance hardly ever brings about, played on stores in memory: each fails by an assertion, or passes. */
export const SCENARIOS = {
  ...CLAIM_SCENARIOS,
  ...VALUE_SCENARIOS,
  ...ROW_SCENARIOS,
  ...WAITING_SCENARIOS,
  ...VERSION_SCENARIOS,
  ...STATE_SCENARIOS,
  ...OUTAGE_SCENARIOS,
  ...REPAIR_SCENARIOS,
  ...NUMBERING_SCENARIOS,
  ...TWIN_SCENARIOS,
  ...CATCH_UP_SCENARIOS,
};

export type ScenarioName = keyof typeof SCENARIOS;
