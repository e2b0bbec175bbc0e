/** Who looks at these pages: shown beside the menu, with the way to log in or out. */
import { el } from './dom.js';
import { address, attempt } from './frame.js';
import { get, remove } from './api.js';
import { t } from './text.js';

const shown = document.getElementById('account');

/** Asks who has logged in, and shows it. Where nobody can log in, it shows nothing. */
export async function account() {
  try {
    draw(await get('session'));
  } catch {
    shown.replaceChildren(); // the page itself says what is wrong
  }
}

function draw({ user, passwords, inSession }) {
  shown.replaceChildren(
    ...user === null ? [] : [el('span', {}, user)],
    ...inSession ? [el('button', { type: 'button', click: leave }, t('login.out'))] : [],
    ...passwords && !inSession ? [el('a', { href: address('login') }, t('login.do'))] : []);
}

function leave() {
  return attempt(async () => {
    draw(await remove('session'));
    dispatchEvent(new HashChangeEvent('hashchange')); // what the page shows may be for nobody now
    return t('login.left');
  });
}
