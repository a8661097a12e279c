/** A refusal by one of the two systems, or a request that got no answer; the message is meant for the reader. */
class SystemError extends Error {}

/** Calls the simulators' control API; answers the JSON body, or null when there is none. */
export async function callApi(method, path, body) {
  let response;
  try {
    response = await fetch(`api/${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new SystemError('The simulators do not answer. Is "npm start" still running?');
  }
  const answer = readJson(await response.text());
  if (response.ok) return answer;
  throw new SystemError(reasonOf(answer) ?? `The request was refused with status ${response.status}.`);
}

/** All rows of a table, page by page. */
export async function readAllRows(side, table, query) {
  const rows = [];
  let next = query;
  while (next !== undefined) {
    const page = await callApi('GET', `rows/${side}/${table}?${next}`);
    rows.push(...page.value);
    // The link leads to the side's own address, which wants a token; its query is what matters.
    next = page['@odata.nextLink']?.split('?')[1];
  }
  return rows;
}

export function createRow(side, table, values) {
  return callApi('POST', `rows/${side}/${table}`, values);
}

export function updateRow(side, table, id, values) {
  return callApi('PATCH', `rows/${side}/${table}/${encodeURIComponent(id)}`, values);
}

export function deleteRow(side, table, id) {
  return callApi('DELETE', `rows/${side}/${table}/${encodeURIComponent(id)}`);
}

function readJson(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** The sentence inside the wrappings of both systems' error bodies. */
function reasonOf(answer) {
  const message = answer?.error?.innererror?.message ?? answer?.error?.message;
  return message?.split('CrmException: ').at(-1);
}
