import { app } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { catchUp } from '../../shared/pipeline/catch-up.ts';

/** Looks every minute whose turn it is to be asked what changed; the interval is a setting. */
app.timer('catchUp', {
  schedule: '30 * * * * *',
  handler: async () => {
    const { catchUpDeps } = await services();
    await catchUp(catchUpDeps);
  },
});
