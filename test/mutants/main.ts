import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleEngine } from './bundled-engine.ts';
import { kill } from './kill.ts';
import { MUTANTS } from './mutants.ts';

/** `npm run mutants`: tries to kill every mutant and writes docs/evidence/mutants.md. */
const rows: string[] = [];
const survivors: string[] = [];
for (const mutant of MUTANTS) {
  const killed = await kill(await bundleEngine(mutant.id, mutant.patches), mutant);
  if (killed === null) survivors.push(mutant.id);
  const by = killed?.by ?? 'nothing';
  rows.push(`| ${mutant.id} | ${mutant.rule} | ${mutant.says} | ${by} | ${killed?.seeds ?? ''} |`);
  console.log(`${mutant.rule} ${mutant.id}: ${by} ${killed?.seeds ?? ''}`);
}
const text = `# Mutants

Each mutant is the engine with one rule of [the specification](../spec.md) broken on purpose, by a replacement in its text
as it is loaded; [the catalogue](../../test/mutants/mutants.ts) holds the replacements. A mutant is killed when an invariant
fails in a seeded history, or where chance hardly ever brings about what it takes, when a scenario fails that the unbroken
engine passes. \`npm run test:long\` asks for every kill, \`npm test\` for those by a scenario or within a
few histories; \`npm run mutants\` writes this table.

${MUTANTS.length} mutants, ${survivors.length} of them alive.

| Mutant | Rule | What the broken engine does | Killed by | After seeds |
|---|---|---|---|---|
${rows.join('\n')}
`;
writeFileSync(join(import.meta.dirname, '../../docs/evidence/mutants.md'), text);
process.exitCode = survivors.length === 0 ? 0 : 1;
