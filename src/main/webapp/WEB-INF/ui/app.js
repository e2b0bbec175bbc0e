/** The frame of the pages: the way from an address to a page, the menu, the language. */
import { account } from './account.js';
import { el } from './dom.js';
import { address, failure } from './frame.js';
import { LANGUAGES, keepLanguage, loadLanguage, t } from './text.js';

/** Each page is loaded when it is first shown. The last ones are not in the menu. */
const PAGES = ['overview', 'repositories', 'explain', 'missing', 'prefetch', 'clients', 'activity', 'repository', 'login'];
const IN_MENU = 7;

const main = document.getElementById('main');
let shown = new AbortController();

async function show(moved) {
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
  if (moved) {
    main.focus({ preventScroll: true }); // as if a new page had been loaded
  }
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
addEventListener('hashchange', () => show(true));
addEventListener('unauthorized', () => {
  if (!location.hash.startsWith('#/login')) {
    location.replace(address('login', { back: location.hash }));
  }
});
await account();
await show(false);
