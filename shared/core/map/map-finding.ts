import type { MapCode } from './map-codes.ts';

/** One thing wrong with a map. */
export interface MapFinding {
  code: MapCode;
  /** Where in the document. */
  where: string;
  message: string;
}
