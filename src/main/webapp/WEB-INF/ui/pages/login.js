/** Log in: by a user name and a password, or at a provider, which leads back here. */
import { account } from '../account.js';
import { say } from '../frame.js';
import { get, login, query } from '../api.js';
import { el, field } from '../dom.js';
import { t } from '../text.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const SENTENCES = { 401: 'login.wrong', 429: 'login.slowed' };

/** What a login at a provider can end with. */
const TROUBLES = { refused: 'login.refused', slowed: 'login.slowed', unavailable: 'login.unavailable' };

export async function show(page, parameters, signal) {
  const user = el('input', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true });
  const password = el('input', { type: 'password', autocomplete: 'current-password', required: true });
  const button = el('button', {}, t('login.do'));
  const trouble = el('p', { class: 'error', role: 'alert' });
  const providers = el('p', { class: 'buttons' });
  page.append(
    el('form', { class: 'login', submit: begin },
      field(t('login.name'), user), field(t('login.password'), password), button, trouble),
    providers,
    el('p', {}, location.protocol === 'http:' && !LOOPBACK.includes(location.hostname) ? t('login.plain') : ''));
  user.focus();
  trouble.textContent = parameters.get('trouble') in TROUBLES ? t(TROUBLES[parameters.get('trouble')]) : '';
  const names = (await get('session', signal)).providers;
  providers.append(...names.map((provider) => el('a', {
    class: 'button',
    href: '../api/login' + query({ provider, back: back(parameters.get('back')).slice(1) }),
  }, t('login.at', { provider }))));

  async function begin(event) {
    event.preventDefault();
    trouble.textContent = '';
    button.disabled = true;
    try {
      const session = await login(user.value, password.value);
      say(t('login.as', { user: session.user }));
      await account();
      location.replace(back(parameters.get('back')));
    } catch (error) {
      trouble.textContent = error.status in SENTENCES ? t(SENTENCES[error.status]) : error.message;
      password.value = '';
      password.focus();
    } finally {
      button.disabled = false;
    }
  }
}

/** One of our own pages: what is behind the hash leads nowhere else. */
function back(wanted) {
  return '#' + (wanted ?? '').replace(/^#/, '');
}
