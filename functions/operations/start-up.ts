import { app } from '@azure/functions';
import { readConfig } from '../../shared/config.ts';

/** A missing or wrong setting stops the start, with all of them named, rather than the first change. */
app.hook.appStart(() => {
  readConfig();
});
