/** Set up a client: what to write on each client, for the address of this page, and a test. */
import { failure, say } from '../frame.js';
import { el } from '../dom.js';
import { t } from '../text.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** One entry for each client: its name, the file, and what the file says. */
function snippets(origin, host) {
  const insecure = origin.startsWith('http:');
  return [
    ['Docker', '/etc/docker/daemon.json', JSON.stringify(
      insecure && !LOOPBACK.includes(location.hostname)
        ? { 'registry-mirrors': [origin], 'insecure-registries': [host] }
        : { 'registry-mirrors': [origin] }, null, 2)],
    ['containerd', '/etc/containerd/certs.d/docker.io/hosts.toml',
      `[host."${origin}"]\ncapabilities = ["pull", "resolve"]`],
    ['Podman, skopeo', '/etc/containers/registries.conf',
      `[[registry]]\nprefix = "docker.io"\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "${host}"`
      + (insecure ? '\ninsecure = true' : '')],
    ['BuildKit', 'buildkitd.toml',
      `[registry."docker.io"]\nmirrors = ["${host}"]\n[registry."${host}"]\nhttp = ${insecure}`],
    ['k3s', '/etc/rancher/k3s/registries.yaml',
      `mirrors:\n  docker.io:\n    endpoint:\n      - "${origin}"`],
  ];
}

export async function show(page) {
  const result = el('p', { 'aria-live': 'polite' });
  page.append(
    el('p', {}, t('clients.what', { host: location.host })),
    el('p', {}, el('button', { type: 'button', click: () => test(result) }, t('clients.test'))),
    result,
    ...snippets(location.origin, location.host).map(([name, file, text]) => snippet(name, file, text)));
}

function snippet(name, file, text) {
  return el('section', {},
    el('h2', {}, name),
    el('p', {}, el('code', {}, file)),
    el('pre', { tabindex: '0', 'aria-label': `${name}: ${file}` }, text),
    el('button', { type: 'button', 'aria-label': t('copy.of', { name }), click: () => copy(text) }, t('copy')));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(t('copied'));
  } catch {
    say(t('copy.by.hand')); // browsers allow it only over https and on the loopback address
  }
}

async function test(result) {
  try {
    // Never the browser's own login dialog: a client is expected to see the challenge.
    const response = await fetch('../v2/', { credentials: 'omit' });
    const registry = response.headers.get('Docker-Distribution-Api-Version');
    const works = registry !== null && (response.ok || response.status === 401);
    result.className = works ? 'good' : 'error';
    result.textContent = works
      ? t(response.ok ? 'clients.works' : 'clients.login', { host: location.host })
      : t('clients.broken', { host: location.host, status: response.status });
  } catch (error) {
    result.replaceChildren(failure(error));
  }
}
