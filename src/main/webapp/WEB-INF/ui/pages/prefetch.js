/** Prefetch: images that are fetched before a client asks for them. */
import { attempt, every, failure } from '../frame.js';
import { get, post, remove } from '../api.js';
import { bar, el, field, replaceUnlessFocused, table } from '../dom.js';
import { bytes, t } from '../text.js';

const MILLIS = 2000;

export async function show(page, parameters, signal) {
  const reference = el('input', { value: parameters.get('reference') ?? '', required: true, placeholder: 'ghcr.io/owner/image:1.0' });
  const platforms = el('input', { placeholder: 'linux/amd64, linux/arm64' });
  const referrers = el('input', { type: 'checkbox' });
  const jobs = el('div', {});
  page.append(
    el('p', {}, t('prefetch.what')),
    el('form', { submit: begin },
      field(t('reference'), reference), field(t('prefetch.platforms'), platforms),
      el('label', { class: 'check' }, referrers, el('span', {}, t('prefetch.referrers'))),
      el('button', {}, t('prefetch.begin'))),
    jobs);

  async function begin(event) {
    event.preventDefault();
    const wanted = platforms.value.split(',').map((name) => name.trim()).filter((name) => name !== '');
    await attempt(async () => {
      await post('prefetch', { reference: reference.value.trim(), platforms: wanted, referrers: referrers.checked });
      return t('prefetch.begun', { reference: reference.value });
    });
    await draw();
  }

  async function draw() {
    try {
      const shown = await get('prefetch', signal);
      replaceUnlessFocused(jobs, jobTable(shown.jobs));
    } catch (error) {
      if (!signal.aborted) {
        jobs.replaceChildren(failure(error));
      }
    }
  }

  await every(MILLIS, signal, draw);
}

function jobTable(jobs) {
  return table(t('prefetch.jobs'),
    [t('reference'), t('overview.progress'), t('prefetch.state'), ''],
    jobs.map((job) => [
      job.reference,
      el('span', {}, bar(job.reference, job.bytesHere, job.bytes),
        ` ${bytes(job.bytesHere)}${job.bytes > 0 ? ' / ' + bytes(job.bytes) : ''}`),
      job.why ?? t('prefetch.state.' + job.state),
      ['waiting', 'running'].includes(job.state)
        ? el('button', { type: 'button', 'aria-label': `${t('cancel')}: ${job.reference}`, click: () => cancel(job) }, t('cancel'))
        : '',
    ]), t('prefetch.none'));
}

async function cancel(job) {
  await attempt(async () => {
    await remove(`prefetch/${encodeURIComponent(job.id)}`);
    return t('prefetch.cancelled', { reference: job.reference });
  });
  document.activeElement.blur();
}
