const PATTERN = /^(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/;

/** Reads a .NET TimeSpan such as `00:05:00`, `1.02:00:00` or `00:00:00.250` as milliseconds; null when it is none. */
export function timeSpanMs(text: string): number | null {
  const match = PATTERN.exec(text.trim());
  if (match === null) {
    return null;
  }
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return wholeSeconds * 1000 + Math.round(Number(`0.${fraction}`) * 1000);
}
