/** What the app reports of itself, as it stands in its log: a name and whatever belongs to it. */
interface AppEvent {
  event: string;
  mapId?: string;
  key?: string;
  [name: string]: unknown;
}

/** Gathers the app's own reports out of its log. */
export interface AppEvents {
  /** Takes in one line of the log. */
  read(line: string): void;
  /** Everything that was reported, oldest first. */
  all(): readonly AppEvent[];
}

/** Nothing reported yet. Lines that are no report are passed on to `other`. */
export function gatherAppEvents(other: (line: string) => void = () => {}): AppEvents {
  const events: AppEvent[] = [];
  return {
    read: (line) => {
      const report = parsed(line);
      if (report === undefined) other(line);
      else events.push(report);
    },
    all: () => events,
  };
}

function parsed(line: string): AppEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line) as AppEvent;
  } catch {
    return undefined;
  }
}
