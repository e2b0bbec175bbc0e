/** Activity: the latest refusals, failed logins and changes. */
import { get } from '../api.js';
import { el, table } from '../dom.js';
import { ago, t } from '../text.js';

export async function show(page, parameters, signal) {
  const { activity } = await get('activity', signal);
  page.append(
    el('p', {}, t('activity.what')),
    table(t('page.activity'),
      [t('time'), t('activity.action'), t('activity.who'), t('address'), t('repository'), t('activity.outcome')],
      activity.map((entry) => [
        ago(entry.time), entry.action, entry.principal, entry.address, entry.repository, entry.outcome,
      ]), t('activity.none')));
}
