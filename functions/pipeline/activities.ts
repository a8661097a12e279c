import * as df from 'durable-functions';
import { services } from '../../shared/composition.ts';
import { type EffectCommand, handleCommand } from '../../shared/pipeline/handle-command.ts';

const KINDS: readonly EffectCommand['kind'][] = ['plan', 'write', 'record', 'park'];

/** The activity that carries out a kind of command. */
export function activityName(kind: EffectCommand['kind']): string {
  return `${kind}Changes`;
}

for (const kind of KINDS) {
  df.app.activity(activityName(kind), {
    handler: async (command: EffectCommand) => {
      const { deps } = await services();
      return handleCommand(deps, command);
    },
  });
}
