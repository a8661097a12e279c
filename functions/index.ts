// Every trigger, in the order in which a change meets them.
import './operations/start-up.ts';
import './ingress/dataverse-webhook.ts';
import './ingress/finops-events.ts';
import './ingress/direct-events.ts';
import './pipeline/changes-queue.ts';
import './pipeline/sync-changes.ts';
import './pipeline/activities.ts';
import './pipeline/dead-letters.ts';
import './pipeline/release-parked.ts';
import './pipeline/watch-sides.ts';
import './pipeline/catch-up.ts';
import './operations/health.ts';
import './operations/maps.ts';
import './operations/conflicts.ts';
import './operations/parked.ts';
import './operations/metrics.ts';
