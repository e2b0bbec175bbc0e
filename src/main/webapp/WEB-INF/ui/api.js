/** Calls of the administrative API. Paths are relative, so that the pages work behind any prefix. */

/** An answer that is an error; its message is the API's own sentence. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const UNAUTHORIZED = 401;
const TOO_MANY = 429;
const RETRY_MILLIS = 1000;

/** By it the cache knows a call of these pages, which have a login form of their own. */
const FROM_A_PAGE = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };

async function send(method, path, body, signal, more = {}) {
  const response = await fetch('../api/' + path, {
    method,
    signal,
    credentials: 'same-origin',
    headers: body === undefined
      ? { ...FROM_A_PAGE, ...more }
      : { ...FROM_A_PAGE, 'Content-Type': 'application/json', ...more },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === TOO_MANY && method === 'GET') {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
    return send(method, path, body, signal);
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    // Not from this cache, but for example from a proxy in front of it.
  }
  if (response.status === UNAUTHORIZED && more.Authorization === undefined) {
    dispatchEvent(new Event('unauthorized'));
  }
  if (!response.ok) {
    const error = answer?.errors?.[0];
    throw new ApiError(response.status,
      answer?.detail ?? answer?.message ?? error?.message ?? `HTTP ${response.status}`);
  }
  return answer;
}

export const get = (path, signal) => send('GET', path, undefined, signal);
export const post = (path, body) => send('POST', path, body ?? {});
export const remove = (path, body) => send('DELETE', path, body);

/** Begins a session; the browser keeps its cookie, and no script sees that. */
export function login(user, password) {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return send('POST', 'session', undefined, undefined,
    { Authorization: 'Basic ' + btoa(String.fromCharCode(...bytes)) });
}

/** A path of a name with slashes, each part escaped. */
export const escaped = (name) => name.split('/').map(encodeURIComponent).join('/');

/** A query from those parameters that have a value. */
export function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length === 0 ? '' : '?' + new URLSearchParams(given);
}
