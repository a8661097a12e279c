import { app } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { watchSides } from '../../shared/pipeline/watch-sides.ts';

/** Probes a side that is gone, and releases what waited for it. */
app.timer('watchSides', {
  schedule: '*/5 * * * * *',
  handler: async () => {
    const { deps } = await services();
    await watchSides(deps);
  },
});
