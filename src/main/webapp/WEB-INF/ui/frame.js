/** What the pages need of the frame around them. */
import { el } from './dom.js';

const said = document.getElementById('said');

/** Tells the person, and a screen reader, what has happened. */
export function say(text) {
  said.textContent = text;
}

/** Runs what a person has asked for, and tells the text that it returns, or why it failed. */
export async function attempt(task) {
  try {
    say(await task());
  } catch (error) {
    say(error.message);
  }
}

/** Runs a task now and then again and again, while the page is shown and visible. */
export async function every(millis, signal, task) {
  while (!signal.aborted) {
    if (!document.hidden) {
      await task();
    }
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
    });
  }
}

/** The address of a page. */
export function address(page, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return `#/${page}${query === '' ? '' : '?' + query}`;
}

/** Shows an error in place of what could not be shown. */
export function failure(error) {
  return el('p', { class: 'error', role: 'alert' }, error.message);
}
