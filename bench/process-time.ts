import { readFileSync } from 'node:fs';

/** What `sysconf(_SC_CLK_TCK)` gives on Linux everywhere. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has used; 0 where the system does not tell it in `/proc` (proc_pid_stat). */
export function cpuSecondsOf(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
