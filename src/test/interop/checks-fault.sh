# shellcheck shell=bash
# The upstream is gone, lies or says no; the subject is killed.

stopped_upstream_is_not_missed() {
  local started=$SECONDS
  upstream_stop
  expect_pull team/big:1 big
  request 200 /v2/team/big/manifests/1 -H "Accept: $OCI_INDEX"
  header Cache-Status | grep -q stale || fail "Cache-Status of the tag is '$(header Cache-Status)'"
  expect "Docker-Content-Digest" "$(index_of big)" "$(header Docker-Content-Digest)"
  expect_pull "team/big@$(index_of big)" big
  [ $((SECONDS - started)) -le 30 ] || fail "took $((SECONDS - started)) s"
}

restart_without_upstream_serves() {
  ready=/v2/ subject_start
  expect_pull team/big:1 big
}

health_tells_of_the_stopped_upstream() {
  curl -sS --max-time 10 "$(subject_url)/api/health" | grep -i degraded
}

uncached_without_upstream_is_unavailable() {
  curl -sS --max-time 60 -o "$scratch/body" -w '%{http_code}' "$(subject_url)/v2/team/other/manifests/1" | grep -x '50[24]'
  expect_error UNAVAILABLE
}

returned_upstream_is_used() {
  upstream_start
  mark open
  expect_pull team/small:1 small
  expect_each_blob_once open team/small small
}

private_upstream_opens_with_the_password() {
  upstream=$private subject_fresh --set proxy.username=puller --set "proxy.password=$secret"
  mark private
  expect_pull team/small:1 small
  expect_each_blob_once private team/small small
}

password_may_come_from_the_environment() {
  export ENTREPOT_PROXY_PASSWORD=$secret
  upstream=$private subject_fresh --set proxy.username=puller
  expect_pull team/small:1 small
}

wrong_password_is_denied_and_told() {
  upstream=$private ready=/v2/ subject_fresh --set proxy.username=puller --set "proxy.password=not$secret"
  request 403 /v2/team/small/manifests/1
  expect_error DENIED
  expect "WWW-Authenticate" "" "$(header WWW-Authenticate)"
  if pull team/small:1 "$scratch/pulled"; then fail "skopeo got an image"; fi
  curl -sS --max-time 10 "$(subject_url)/api/health" | tee "$scratch/health" | grep -i degraded ||
    fail "health says '$(<"$scratch/health")'"
  alive subject
}

secrets_are_not_logged() {
  if grep -F "$secret" "$work/subject.out" "$work/subject.err"; then fail "a password is in the log"; fi
}

# expect_incomplete PATH BYTES: the client must see that the answer is not whole.
expect_incomplete() {
  : >"$scratch/body"
  if curl -sS -f --max-time 60 -o "$scratch/body" "$(subject_url)$1"; then fail "the client took a wrong body for whole"; fi
  [ "$(wc -c <"$scratch/body")" -lt "$2" ] || fail "all bytes of a wrong body were sent"
}

spoiled_blob_is_neither_served_nor_kept() {
  local digest
  subject_fresh
  digest=$(new_blob team/spoiled 2000000)
  flip_byte "$(stored open "$digest")" 1999999
  expect_incomplete "/v2/team/spoiled/blobs/$digest" 2000000
  expect "kept files" "" "$(find "$work/data" -path "*${digest#sha256:}*" -type f)"
  mark open
  expect_incomplete "/v2/team/spoiled/blobs/$digest" 2000000
  [ "$(count open "^GET /v2/team/spoiled/blobs/$digest ")" -ge 1 ] || fail "the upstream was not asked again"
  flip_byte "$(stored open "$digest")" 1999999
  request 200 "/v2/team/spoiled/blobs/$digest"
  expect_body "$digest"
}

spoiled_manifest_is_neither_served_nor_kept() {
  local manifest
  push artifact "127.0.0.1:$open_port" team/spoiled:1 --preserve-digests
  manifest=$(stored open "$(index_of artifact)")
  flip_byte "$manifest" 300
  request 502 /v2/team/spoiled/manifests/1 -H "Accept: $OCI_MANIFEST"
  request 502 "/v2/team/spoiled/manifests/$(index_of artifact)" -H "Accept: $OCI_MANIFEST"
  flip_byte "$manifest" 300
  request 200 /v2/team/spoiled/manifests/1 -H "Accept: $OCI_MANIFEST"
  expect_body "$(index_of artifact)"
}

data_exceeds() {
  [ "$(du -sk "$work/data" | cut -f 1)" -gt "$1" ]
}

several_connections_bring_a_large_blob() {
  throttle_start "$open_port" 10000000
  upstream=http://127.0.0.1:$throttle_port subject_fresh --set proxy.parallel=4
  mark open
  expect_pull team/big:1 big
  expect_kept "$work/data" big
  [ "$(count open '^GET /v2/team/big/blobs/.* 206$')" -ge 3 ] || fail "no blob came by several connections"
  stop throttle
}

kill_in_the_middle_of_a_pull_is_survived() {
  local client
  throttle_start "$open_port"
  upstream=http://127.0.0.1:$throttle_port subject_fresh
  pull team/big:1 "$scratch/killed" &
  client=$!
  wait_until 30 data_exceeds 60000 || fail "the pull does not get on"
  stop subject KILL
  if wait "$client"; then fail "the pull was over before the kill"; fi
  upstream=http://127.0.0.1:$throttle_port subject_start
  expect_pull team/big:1 big
  expect_kept "$work/data" big
  stop throttle
}
