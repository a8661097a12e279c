import { HttpRequest } from '@azure/functions';
import { expect, it } from 'vitest';
import { actorOf } from '../../../functions/operations/answer.ts';

const request = new HttpRequest({
  method: 'POST',
  url: 'https://app.example.com/api/v1/parked/dismiss',
  headers: { 'x-ms-client-principal-name': 'somebody@contoso.com' },
});

it('S13: a name in a header is believed only where App Service signs people in, and takes the header from others', () => {
  expect(actorOf(request, { WEBSITE_AUTH_ENABLED: 'True' })).toBe('somebody@contoso.com');
  for (const off of [undefined, 'False', '']) {
    expect(actorOf(request, { WEBSITE_AUTH_ENABLED: off })).toBe('holder of the function key');
  }
});
