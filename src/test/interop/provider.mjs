// An OpenID Connect provider, npm's oidc-provider: gives the job "ci" tokens for the audience "cache", with groups.
// usage: node provider.mjs PORT FOLDER SECRET    FOLDER has node_modules; it gets key.json
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [port, folder, secret] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href).then((it) => ({ Provider: it.default }));

const file = `${folder}/key.json`;
if (!existsSync(file)) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }), { mode: 0o600 });
}

// The resource is the audience. What follows its colon says how long the token lives, and for whom it is.
const resources = {
  'urn:cache': { audience: 'cache', ttl: 300, groups: ['pullers'] },
  'urn:short': { audience: 'cache', ttl: 1, groups: ['pullers'] },
  'urn:other': { audience: 'another', ttl: 300, groups: ['pullers'] },
  'urn:stranger': { audience: 'cache', ttl: 300, groups: ['others'] },
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'ci', client_secret: secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
  jwks: { keys: [JSON.parse(readFileSync(file))] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (context, name) => ({
        audience: resources[name].audience,
        scope: 'pull',
        accessTokenTTL: resources[name].ttl,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (context) => ({ groups: resources[context.oidc.params.resource].groups }),
});
provider.listen(Number(port), '127.0.0.1');
