import { app, type HttpResponseInit } from '@azure/functions';
import { services } from '../../shared/composition.ts';
import { ConfigError } from '../../shared/config.ts';
import { MapsUnreadError } from '../../shared/pipeline/compile-maps.ts';
import { offlineSides } from '../../shared/pipeline/watch-sides.ts';

/** Says whether the app can work: its settings, its tables, and the maps it runs; and which side is gone, if one is. */
async function health(): Promise<HttpResponseInit> {
  try {
    const { deps } = await services();
    const [installed, routes, offline] = await Promise.all([
      deps.mapStore.list(),
      deps.maps.routes(),
      offlineSides(deps),
    ]);
    const ready = new Set(routes.map((route) => route.map.id));
    const waiting = installed.filter(({ map }) => !ready.has(map.id)).map(({ map }) => map.id);
    const status = waiting.length === 0 ? 200 : 503;
    return { status, jsonBody: { healthy: status === 200, maps: installed.length, notReady: waiting, offline } };
  } catch (error) {
    const told = error instanceof ConfigError || error instanceof MapsUnreadError;
    const detail = told ? error.message : 'The app cannot reach its own storage.';
    return { status: 503, jsonBody: { healthy: false, detail } };
  }
}

app.http('health', { methods: ['GET', 'HEAD'], authLevel: 'anonymous', route: 'api/health', handler: health });
