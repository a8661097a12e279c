import { app } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { releaseDue } from '../../shared/pipeline/release-parked.ts';

/** Releases what is due by itself. */
app.timer('releaseParked', {
  schedule: '*/5 * * * * *',
  handler: async () => {
    const { deps } = await services();
    await releaseDue(deps);
  },
});
