import type { SeedCompany } from './company-setup.ts';
import type { SeededRandom } from './seeded-random.ts';
import {
  firstNames,
  lastNames,
  middleNames,
  placeBeginnings,
  placeEndings,
  streetAdditions,
  streetNames,
} from './word-lists.ts';

/** An address in the country of a company. */
export interface Place {
  street: string;
  city: string;
  county: string;
  state: string;
  zipCode: string;
  country: string;
  latitude: number;
  longitude: number;
}

const REGIONS: Record<SeedCompany['country'], { states: string[]; latitude: number; longitude: number }> = {
  US: { states: ['WA', 'OR', 'CO', 'TX', 'OH', 'NY', 'ME', 'GA'], latitude: 40, longitude: -98 },
  DE: { states: ['BY', 'BW', 'NI', 'NW', 'SH', 'SN'], latitude: 51, longitude: 10 },
  GB: { states: ['', ''], latitude: 52.5, longitude: -1.5 },
};

/** An invented place and street, with a postal code in the form of the country. */
export function randomPlace(country: SeedCompany['country'], random: SeededRandom): Place {
  const region = REGIONS[country];
  const street = random.pick(streetNames[country] ?? []);
  const number = random.whole(1, 240);
  const city = `${random.pick(placeBeginnings)}${random.pick(placeEndings[country] ?? [])}`;
  return {
    street: `${country === 'DE' ? `${street} ${number}` : `${number} ${street}`}${random.pick(streetAdditions)}`,
    city,
    county: country === 'GB' ? city.slice(0, 6) : '',
    state: random.pick(region.states),
    zipCode: postalCode(country, random),
    country,
    // Five digits: what Dataverse keeps of an address's latitude and longitude.
    latitude: round5(region.latitude + random.fraction() * 5),
    longitude: round5(region.longitude + random.fraction() * 5),
  };
}

/** A number from the ranges set aside for fiction. */
export function randomPhone(country: SeedCompany['country'], random: SeededRandom): string {
  const digits = String(random.whole(100, 199));
  if (country === 'US') return `+1 (${random.whole(201, 989)}) 555-0${digits}`;
  return country === 'GB' ? `+44 1632 960${digits}` : `+49 (0)30 23125-${digits}`;
}

function postalCode(country: SeedCompany['country'], random: SeededRandom): string {
  if (country === 'GB') return `${random.pick(['QA', 'ZX', 'YV'])}${random.whole(1, 29)} ${random.whole(1, 9)}XQ`;
  return String(random.whole(10000, 99999));
}

function round5(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5;
}

export interface PersonName {
  first: string;
  /** Empty for most. */
  middle: string;
  last: string;
}

/** A name that nobody bears, put together from invented parts. */
export function personName(random: SeededRandom): PersonName {
  return { first: random.pick(firstNames), middle: random.pick(middleNames), last: random.pick(lastNames) };
}
