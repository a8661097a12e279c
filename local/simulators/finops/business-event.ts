import { companyOf, type FinopsUser } from './access.ts';
import { type ExactNumber, exactNumber } from './exact-json.ts';
import type { StoredValue } from './field-input.ts';
import { storedInstant } from './field-output.ts';
import type { FieldMetadata } from './metadata.ts';
import type { RowChange } from './row-writes.ts';
import type { FinopsSwitches } from './switches.ts';

/** A business event of the catalogue: the contract's members are fields of the entity whose change raises it. */
export interface BusinessEventBinding {
  businessEventId: string;
  /** Public name or set name of the entity. */
  entity: string;
  /** Member of the contract → field of the entity. */
  members: Record<string, string>;
  /** Changes that raise it; creates and updates unless told. */
  operations?: RowChange['operation'][];
}

/** What makes one event that event: it may differ between a first sending and a resend. */
export interface EventIdentity {
  eventId: string;
  controlNumber: string;
}

interface Envelope extends EventIdentity {
  businessEventId: string;
  company: string;
  user: FinopsUser | null;
  atMs: number;
  /** Four digits below the millisecond. */
  ticks: string;
}

export const testEventId = 'BusinessEventsTestEndpointContract';

/** ControlNumber of the test event: Int64.MinValue, beyond what a double holds. */
const testControlNumber = '-9223372036854775808';

/** X++ minimum date in contract members: 1900-01-01T00:00:00Z. */
const emptyDate = '/Date(-2208988800000)/';
const zeroGuid = '{00000000-0000-0000-0000-000000000000}';

function contractValue(value: StoredValue, field: FieldMetadata): string | number | ExactNumber {
  switch (field.type) {
    case 'Date':
    case 'UtcDateTime': {
      const at = storedInstant(value, field);
      return at === null ? emptyDate : `/Date(${at})/`;
    }
    case 'Int64':
    case 'Real':
      return exactNumber(String(value));
    case 'Guid':
      return `{${String(value).toUpperCase()}}`;
    case 'String':
    case 'Int32':
    case 'Enum':
      return value;
  }
}

function initiatingUser(user: FinopsUser | null, switches: FinopsSwitches): string {
  const hidden = user === null || (user.isApp && switches.initiatingUser === 'zero');
  return hidden ? zeroGuid : `{${user.entraObjectId.toUpperCase()}}`;
}

function render(envelope: Envelope, members: Record<string, unknown>, switches: FinopsSwitches): string {
  const fromTheStart: Record<string, unknown> = {
    ...members,
    BusinessEventId: envelope.businessEventId,
    ControlNumber: exactNumber(envelope.controlNumber),
    EventId: envelope.eventId.toUpperCase(),
    EventTime: `/Date(${Math.floor(envelope.atMs / 1000) * 1000})/`,
    MajorVersion: 0,
    MinorVersion: 0,
  };
  const all =
    switches.businessEventEnvelope === '2019'
      ? fromTheStart
      : {
          ...fromTheStart,
          BusinessEventLegalEntity: envelope.company,
          ContextRecordSubject: '',
          EventTimeIso8601: `${new Date(envelope.atMs).toISOString().slice(0, 23)}${envelope.ticks}Z`,
          InitiatingUserAADObjectId: initiatingUser(envelope.user, switches),
          ParentContextRecordSubjects: [],
        };
  const ordered = Object.entries(all).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(Object.fromEntries(ordered));
}

/** The flat JSON of a business event: envelope and contract in alphabetical order, as captured bodies have it. */
export function businessEventBody(
  binding: BusinessEventBinding,
  change: RowChange,
  identity: EventIdentity,
  moment: { atMs: number; ticks: string },
  switches: FinopsSwitches,
): string {
  const row = change.after ?? change.before;
  const members: Record<string, unknown> = {};
  for (const [member, name] of Object.entries(binding.members)) {
    const field = change.entity.fields.get(name);
    if (row !== null && field !== undefined) {
      members[member] = contractValue(row.values[name] ?? '', field);
    }
  }
  const company = (row === null ? null : companyOf(change.entity, row)) ?? change.user.defaultCompany;
  const envelope = { ...identity, ...moment, businessEventId: binding.businessEventId, company, user: change.user };
  return render(envelope, members, switches);
}

/** The event that activating an endpoint sends "to validate the configuration and cache the connection". */
export function testEventBody(
  eventId: string,
  company: string,
  moment: { atMs: number; ticks: string },
  switches: FinopsSwitches,
): string {
  const identity = { eventId, controlNumber: testControlNumber };
  return render({ ...identity, ...moment, businessEventId: testEventId, company, user: null }, {}, switches);
}
