/** The frame of the pages: the way from an address to a page, the menu, the language. */
import { el } from './dom.js';
import { LANGUAGES, keepLanguage, loadLanguage, t } from './text.js';

/** Each page is loaded when it is first shown. The last ones are not in the menu. */
const PAGES = ['overview', 'repositories', 'explain', 'missing', 'prefetch', 'clients', 'activity', 'repository'];
const IN_MENU = 7;

const main = document.getElementById('main');
const said = document.getElementById('said');
let shown = new AbortController();

/** Tells the person, and a screen reader, what has happened. */
export function say(text) {
  said.textContent = text;
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

async function show() {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const name = PAGES.includes(path) ? path : 'overview';
  menu(name);
  document.title = `${t('page.' + name)} – Entrepot`;
  const page = await import(`./pages/${name}.js`);
  if (signal.aborted) {
    return;
  }
  const content = el('div', { class: 'page' }, el('h1', {}, t('page.' + name)));
  main.replaceChildren(content);
  main.focus({ preventScroll: true });
  try {
    await page.show(content, new URLSearchParams(query), signal);
  } catch (error) {
    if (!signal.aborted) {
      content.append(failure(error));
    }
  }
}

function menu(current) {
  document.getElementById('nav').replaceChildren(
    el('ul', {}, PAGES.slice(0, IN_MENU).map((page) =>
      el('li', {}, el('a', { href: address(page), 'aria-current': page === current ? 'page' : null },
        t('page.' + page))))));
}

function languages(current) {
  const choice = document.getElementById('language');
  choice.setAttribute('aria-label', t('language'));
  choice.replaceChildren(...Object.entries(LANGUAGES).map(([tag, name]) =>
    el('option', { value: tag, lang: tag, selected: tag === current }, name)));
  choice.addEventListener('change', () => {
    keepLanguage(choice.value);
    location.reload();
  });
}

const skip = document.getElementById('skip');
skip.addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

languages(await loadLanguage());
document.getElementById('nav').setAttribute('aria-label', t('menu'));
skip.textContent = t('skip');
addEventListener('hashchange', show);
await show();
