/** Explain: what a pull of a reference would get, and why. */
import { address } from '../frame.js';
import { get, query } from '../api.js';
import { el, facts, field, table } from '../dom.js';
import { ago, bytes, duration, number, t } from '../text.js';

export async function show(page, parameters, signal) {
  const reference = parameters.get('reference') ?? '';
  const input = el('input', { name: 'reference', value: reference, required: true, placeholder: 'ghcr.io/owner/image:1.0' });
  const user = el('input', { name: 'user', value: parameters.get('user') ?? '' });
  page.append(el('form', {
    submit: (event) => {
      event.preventDefault();
      location.hash = address('explain', user.value === ''
        ? { reference: input.value.trim() }
        : { reference: input.value.trim(), user: user.value });
    },
  }, field(t('explain.reference'), input), field(t('explain.user'), user),
  el('button', {}, t('explain.ask'))));
  if (reference === '') {
    input.focus();
    return;
  }
  const found = await get('explain' + query({ reference, user: parameters.get('user') }), signal);
  page.append(
    el('p', { class: 'answer' }, found.sentence),
    route(found),
    contents(found.cache?.contents) ?? "");
}

function route(found) {
  const { route: lead, admission, rule, cache, upstream, access } = found;
  const steps = [];
  if (lead) {
    steps.push([t('explain.way'), t('explain.way.' + lead.way, { upstream: lead.upstream })]);
    steps.push([t('explain.remote'), `${lead.remote} (${lead.urls.join(', ') || t('offline')})`]);
    steps.push([t('explain.hides'), lead.hides]);
  }
  if (access) {
    steps.push([t('explain.access'), access.mayPull ? t('explain.gives', { who: access.who, rule: access.rule }) : access.missing]);
  }
  if (admission && !admission.allowed) {
    steps.push([t('explain.refused'), admission.refusal]);
  }
  if (rule) {
    steps.push([t('explain.rule'), ruleText(rule)]);
    steps.push([t('explain.pins'), rule.pins.join(', ')]);
  }
  if (cache) {
    steps.push([t('explain.state'), t('explain.state.' + cache.state)]);
    steps.push([t('digest'), cache.digest && el('code', {}, cache.digest)]);
    steps.push([t('explain.type'), cache.mediaType]);
    steps.push([t('explain.asked'), cache.ageSeconds === null ? null : duration(cache.ageSeconds)]);
    steps.push([t('explain.lease'), cache.leaseUntil && ago(cache.leaseUntil)]);
  }
  if (upstream) {
    steps.push([t('explain.upstream'), t(upstream.offline ? 'offline' : upstream.reachable ? 'reachable' : 'unreachable')]);
  }
  return facts(steps);
}

function ruleText(rule) {
  return rule.revalidateSeconds === null
    ? t('explain.rule.' + rule.kind)
    : t('explain.rule.interval', { time: duration(rule.revalidateSeconds) });
}

function contents(listed) {
  if (!listed) {
    return null;
  }
  return table(t('explain.contents'),
    [t('digest'), t('explain.blobs'), t('explain.missing')],
    listed.manifests.map((part) => [
      el('code', {}, part.digest),
      part.here ? t('explain.ofBlobs', { here: number(part.blobsHere), all: number(part.blobs) }) : t('explain.notHere'),
      bytes(part.missingBytes),
    ]), t('none'));
}
