import type { Simulator } from '../exchange.ts';
import type { FinopsUser } from './access.ts';
import {
  buildEnvironment,
  changeInside,
  type Environment,
  type FinopsOptions,
  type InnerChange,
  serve,
} from './environment.ts';
import type { EventOutbox } from './event-outbox.ts';
import type { Extensions } from './extension.ts';
import type { OutboxState } from './outgoing-event.ts';
import type { PackageState } from './package-service.ts';
import type { StoreState } from './row-store.ts';
import type { FinopsSwitches } from './switches.ts';

export interface FinopsSimulator extends Simulator {
  events: EventOutbox;
  /** The live switches; change them with `setSwitches`. */
  switches: Readonly<FinopsSwitches>;
  setSwitches(changes: Partial<FinopsSwitches>): void;
  setUser(user: FinopsUser): void;
  setExtensions(extensions: Extensions): void;
  /** Makes one change inside F&O; throws the fault that OData would have answered with. */
  change(change: InnerChange): void;
  /** Answers every request with 429 for a while; the wait told grows with each request that comes in too early. */
  overload(durationMs: number): void;
}

const stateForm = 'twinwrite-finops-1';

interface SavedState {
  form: typeof stateForm;
  store: StoreState;
  outbox: OutboxState;
  users: FinopsUser[];
  switches: FinopsSwitches;
  extensions: Extensions;
  packages: PackageState;
}

function isSavedState(state: unknown): state is SavedState {
  return typeof state === 'object' && state !== null && 'form' in state && state.form === stateForm;
}

function save({ world, events, users, packages }: Environment): SavedState {
  // Rows are replaced and never changed in place, so a state may share them.
  return {
    form: stateForm,
    store: world.store.state(),
    outbox: events.state(),
    users: [...users.values()],
    switches: { ...world.switches },
    extensions: world.extensions,
    packages: structuredClone(packages),
  };
}

function load({ world, events, users, packages }: Environment, state: unknown): void {
  if (!isSavedState(state)) {
    throw new Error(`The state is not of the form ${stateForm}.`);
  }
  world.store.restore(state.store);
  users.clear();
  for (const user of state.users) {
    users.set(user.id, user);
  }
  Object.assign(world.switches, state.switches);
  world.extensions = state.extensions;
  Object.assign(packages, structuredClone(state.packages));
  events.restore(state.outbox);
}

/**
 * A Dynamics 365 Finance and Operations environment in memory: OData with its own dialect and faults, metadata
 * services, business events and data events. Single-threaded: a request is one transaction.
 */
export function createFinopsSimulator(options: FinopsOptions): FinopsSimulator {
  const environment = buildEnvironment(options);
  const { world, events, users, listeners, pressure } = environment;
  return {
    handle: (request) => Promise.resolve().then(() => serve(environment, request)),
    events,
    switches: world.switches,
    setSwitches: (changes) => void Object.assign(world.switches, changes),
    setUser: (user) => void users.set(user.id, user),
    setExtensions: (extensions) => {
      world.extensions = extensions;
    },
    change: (change) => changeInside(environment, change),
    overload: (durationMs) => {
      pressure.untilMs = world.now() + durationMs;
      pressure.pushes = 0;
    },
    onChange: (listener) => void listeners.push(listener),
    snapshot: () => save(environment),
    restore: (state) => load(environment, state),
  };
}
