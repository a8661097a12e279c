import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const RUNS = 5;

/** Milliseconds in which a fresh process imports a module: the median of five runs, of which the first one warms the disk. */
export function loadTimeMs(module: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(module).href)});
process.stderr.write('loaded in ' + (performance.now() - start)); process.exit(0);`;
  const times = Array.from({ length: RUNS }, () => {
    const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    const [, time] = /loaded in ([\d.]+)$/.exec(run.stderr) ?? [];
    if (time === undefined) throw new Error(`The bundle does not load:\n${run.stderr}`);
    return Number(time);
  });
  return times.sort((one, other) => one - other)[Math.floor(RUNS / 2)] ?? 0;
}
