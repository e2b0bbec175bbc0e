# shellcheck shell=bash
# Logins by tokens of a real OpenID Connect provider, npm's oidc-provider. A token is the password of any user name.

provider_start() {
  ! alive provider || return 0
  command -v npm >/dev/null || skip "npm is not installed"
  local folder=$root/target/oidc-provider
  mkdir -p "$folder"
  [ -d "$folder/node_modules/oidc-provider" ] ||
    timeout 300 npm install --prefix "$folder" --no-audit --no-fund --silent oidc-provider@8.8.1 ||
    skip "npm's oidc-provider is not to be had here"
  launch provider node "$here/provider.mjs" "$provider_port" "$folder" "$secret"
  wait_until 60 listens "$provider_port" || skip "oidc-provider does not start here: $(tail -n 1 "$work/provider.err")"
}

# provider_token RESOURCE: a token for the job ci.
provider_token() {
  curl -sS -f -u "ci:$secret" -d grant_type=client_credentials -d "resource=urn:$1" -d scope=pull "http://127.0.0.1:$provider_port/token" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'
}

# subject_with_provider: an empty cache of the private upstream. Only the group pullers may pull team/**.
subject_with_provider() {
  upstream=$private ready=/api/health/live subject_fresh --set proxy.username=puller --set "proxy.password=$secret" \
    --set auth.oidc.names=ci --set "auth.oidc.ci.issuer=http://127.0.0.1:$provider_port" --set auth.oidc.ci.audience=cache \
    --set "access=group:oidc.ci:pullers pull,view team/**"
}

tokens_of_a_provider_pull() {
  provider_start
  subject_with_provider
  local cache short other stranger
  cache=$(provider_token cache)
  short=$(provider_token short)
  other=$(provider_token other)
  stranger=$(provider_token stranger)
  mark private
  request 401 /v2/team/small/manifests/1
  request 401 /v2/team/small/manifests/1 -H "Authorization: Bearer $other"
  request 401 /v2/team/small/manifests/1 -H "Authorization: Bearer ${cache%?????}AAAAA"
  request 403 /v2/team/small/manifests/1 -H "Authorization: Bearer $stranger"
  request 401 /v2/team/small/manifests/1 -u "ci:$other"
  if pull_as "ci:$stranger" team/small:1; then fail "skopeo got an image by a token without the group"; fi
  if pull_as "ci:$other" team/small:1; then fail "skopeo got an image by a token for somebody else"; fi
  expect "asked of the upstream" "" "$(requests private)"
  request 200 /v2/ -H "Authorization: Bearer $cache"
  request 200 /api/stats -u "ci:$cache"
  request 200 /v2/team/small/manifests/1 -H "Authorization: Bearer $cache" -H "Accept: $OCI_INDEX"
  expect_body "$(index_of small)"
  pull_as "ci:$cache" team/small:1 || fail "skopeo got nothing by a token: $(tail -n 1 "$scratch/check.log")"
  expect_image "$scratch/pulled" small
  wait_until 60 is_refused "$short" || fail "a token of one second still counts after a minute"
}

# A token counts for half a minute more, since clocks may differ by that much.
is_refused() {
  sleep 1
  [ "$(curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" "$(subject_url)/v2/")" = 401 ]
}

clients_log_in_by_tokens_of_a_provider() {
  provider_start
  subject_for provider subject_with_provider
  local host=127.0.0.1:$subject_port token wrong client
  token=$(provider_token cache)
  wrong=$(provider_token other)
  if skopeo login --tls-verify=false --authfile "$scratch/auth" -u any -p "$wrong" "$host"; then fail "skopeo logs in by a token for another"; fi
  skopeo login --tls-verify=false --authfile "$scratch/auth" -u any -p "$token" "$host"
  for client in oras regctl; do
    command -v "$client" >/dev/null || continue
    if "digest_by_$client" "$host" "any:$wrong"; then fail "$client gets an image by a token for another"; fi
    "digest_by_$client" "$host" "any:$token" || fail "$client gets nothing by a token: $(tail -n 1 "$scratch/check.log")"
    grep -qF "$(index_of small)" "$scratch/digest" || fail "$client got another digest: $(cat "$scratch/digest")"
  done
}

provider_that_is_gone_leaves_known_keys() {
  provider_start
  subject_for provider subject_with_provider
  local token
  token=$(provider_token cache)
  request 200 /v2/ -H "Authorization: Bearer $token"
  stop provider
  request 200 /v2/team/small/manifests/1 -H "Authorization: Bearer $token" -H "Accept: $OCI_INDEX"
  expect_body "$(index_of small)"
  if grep -F "$token" "$work/subject.out" "$work/subject.err"; then fail "a token is in the log"; fi
}
