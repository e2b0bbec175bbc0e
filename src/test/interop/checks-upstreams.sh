# shellcheck shell=bash
# Several upstreams behind one cache: the open one by default, one that asks for a password, one that asks for tokens;
# and a mirror that takes over.

guarded_start() {
  harness certificate "$work/tokens.key" "$work/tokens.crt"
  launch tokens python3 "$here/tokens.py" "$tokens_port" "$work/tokens.key" "$work/tokens.crt" puller "$secret"
  harness await 10 "http://127.0.0.1:$tokens_port/token" || fail "the token service does not answer"
  registry_start guarded "$guarded_port" open "auth: {token: {realm: \"http://127.0.0.1:$tokens_port/token\", \
service: guarded, issuer: interop, rootcertbundle: $work/tokens.crt}}"
}

# subject_of_three [OPTION...]: an empty cache of the three upstreams.
subject_of_three() {
  subject_fresh --set "upstreams.names=basic.example,token.example" \
    --set "upstreams.basic.example.url=$private" --set "upstreams.basic.example.hosts=basic.cache.example" \
    --set upstreams.basic.example.username=puller --set "upstreams.basic.example.password=$secret" \
    --set "upstreams.token.example.url=http://127.0.0.1:$guarded_port" \
    --set "upstreams.token.example.realms=http://127.0.0.1:$tokens_port" \
    --set upstreams.token.example.username=puller --set "upstreams.token.example.password=$secret" \
    --set upstreams.token.example.revalidate=1h "$@"
}

upstream_with_a_password_is_pulled_by_path() {
  guarded_start
  subject_of_three
  mark open
  mark private
  expect_pull basic.example/team/small:1 small
  expect_each_blob_once private team/small small
  expect "asked of the default upstream" "" "$(requests open)"
}

upstream_with_tokens_is_pulled_by_path() {
  mark guarded
  expect_pull token.example/team/big:1 big
  expect_each_blob_once guarded team/big big
  expect "tokens for this repository" 1 "$(grep -c '^GET /token?.*team%2Fbig%3Apull.* 200$' "$work/tokens.out")"
}

podman_pulls_by_path() {
  expect_podman_pulls token.example/team/small:1
}

# As containerd asks the mirrors of its hosts.toml: HEAD for the digest, then what it lacks, with ns= in each.
namespace_names_the_upstream() {
  local digest
  mark private
  request 200 "/v2/team/small/manifests/1?ns=basic.example" --head -H "Accept: $OCI_INDEX"
  expect "OCI-Namespace" basic.example "$(header OCI-Namespace)"
  expect "Docker-Content-Digest" "$(index_of small)" "$(header Docker-Content-Digest)"
  request 200 "/v2/team/small/manifests/$(index_of small)?ns=basic.example" -H "Accept: $OCI_INDEX"
  expect "OCI-Namespace" basic.example "$(header OCI-Namespace)"
  expect_body "$(index_of small)"
  digest=$(head -n 1 "$work/images/small.blobs")
  request 200 "/v2/team/small/blobs/$digest?ns=basic.example"
  expect "OCI-Namespace" basic.example "$(header OCI-Namespace)"
  expect_body "$digest"
  expect "upstream requests" "HEAD /v2/team/small/manifests/1 200" "$(requests private)"
}

host_name_names_the_upstream() {
  mark private
  request 200 "/v2/team/small/manifests/$(index_of small)" -H "Accept: $OCI_INDEX" -H "Host: basic.cache.example"
  expect_body "$(index_of small)"
  expect "upstream requests" "" "$(requests private)"
}

unknown_namespace_is_unknown() {
  mark open
  request 404 "/v2/team/small/manifests/1?ns=elsewhere.example"
  expect_error NAME_UNKNOWN
  expect "upstream requests" "" "$(requests open)"
}

repository_has_one_name_here() {
  request 200 /v2/_catalog
  expect "repositories" "basic.example/team/small token.example/team/big" \
    "$(json '*[r for r in body["repositories"] if r != "token.example/team/small"]')"
}

explanation_asks_nothing() {
  mark guarded
  request 200 "/api/explain?reference=token.example/team/big:1"
  expect "route" "token.example path team/big" \
    "$(json '*[body["route"][k] for k in ("upstream", "way", "remote")]')"
  expect "digest" "$(index_of big)" "$(json 'body["cache"]["digest"]')"
  expect "missing bytes" 0 "$(json 'sum(m["missingBytes"] for m in body["cache"]["contents"]["manifests"])')"
  expect "cost" 0 "$(json 'body["cost"]["requests"]')"
  json 'body["sentence"]' | grep 'is served from here without asking'
  request 200 "/api/tags/token.example/team/big/1/history"
  expect "history" "$(index_of big)" "$(json '*[entry["digest"] for entry in body["history"]]')"
  expect "upstream requests" "" "$(requests guarded)"
  subject_stop
  stop guarded
  stop tokens
}

# The client is curl, which neither retries nor resumes.
killed_upstream_is_taken_over_from_by_its_mirror() {
  local client layer
  layer=$(find "$work/images/big/blobs/sha256" -type f -size +100000k -printf '%f')
  registry_start doomed "$doomed_port" open
  registry_start mirror "$mirror_port" open
  throttle_start "$doomed_port"
  upstream=http://127.0.0.1:$throttle_port subject_fresh --set "proxy.mirrors=http://127.0.0.1:$mirror_port"
  mark mirror
  curl -sS -f --max-time 120 -o "$scratch/layer" -D "$scratch/headers" \
    "$(subject_url)/v2/team/big/blobs/sha256:$layer" &
  client=$!
  wait_until 30 data_exceeds 60000 || fail "the pull does not get on"
  stop doomed KILL
  wait "$client" || fail "the client saw the upstream die: curl ended with $?"
  expect "answers to the client" 1 "$(grep -c '^HTTP/' "$scratch/headers")"
  expect "digest" "$layer" "$(sha256sum <"$scratch/layer" | cut -d ' ' -f 1)"
  expect "asked of the mirror" "GET /v2/team/big/blobs/sha256:$layer 206" "$(requests mirror)"
  expect_pull team/big:1 big
  note "$(($(grep -c . "$work/mirror.out") - $(<"$work/mirror.mark"))) requests to the mirror"
  stop throttle
  stop mirror
}
