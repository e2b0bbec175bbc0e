/** Log in: by a user name and a password. */
import { account } from '../account.js';
import { say } from '../frame.js';
import { login } from '../api.js';
import { el, field } from '../dom.js';
import { t } from '../text.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const SENTENCES = { 401: 'login.wrong', 429: 'login.slowed' };

export async function show(page, parameters) {
  const user = el('input', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true });
  const password = el('input', { type: 'password', autocomplete: 'current-password', required: true });
  const button = el('button', {}, t('login.do'));
  const trouble = el('p', { class: 'error', role: 'alert' });
  page.append(
    el('form', { class: 'login', submit: begin },
      field(t('login.name'), user), field(t('login.password'), password), button, trouble),
    el('p', {}, location.protocol === 'http:' && !LOOPBACK.includes(location.hostname) ? t('login.plain') : ''));
  user.focus();

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
