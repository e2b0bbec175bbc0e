# shellcheck shell=bash
# Logins by a file of users: who may pull what from a private upstream. logins.py has more ways and all clients.

write_users() {
  htpasswd -Bbc "$work/users" ann ann-password
  htpasswd -Bb "$work/users" bob bob-password
}

# subject_with_users: an empty cache of the private upstream, with the users ann and bob. Only ann may pull team/**.
subject_with_users() {
  write_users
  upstream=$private ready=/api/health/live subject_fresh --set proxy.username=puller --set "proxy.password=$secret" \
    --set "auth.htpasswd.path=$work/users" --set "access=user:ann pull,view team/**"
}

with_users() {
  subject_for users subject_with_users
}

# pull_as USER:PASSWORD REPOSITORY:TAG: skopeo pulls it to $scratch/pulled.
pull_as() {
  rm -rf "$scratch/pulled"
  quiet_skopeo --preserve-digests --src-tls-verify=false --src-creds "$1" "docker://127.0.0.1:$subject_port/$2" "dir:$scratch/pulled"
}

skopeo_pulls_only_with_the_right_login() {
  subject_with_users
  mark private
  if pull team/small:1 "$scratch/pulled"; then fail "skopeo got an image without a login"; fi
  if pull_as ann:wrong team/small:1; then fail "skopeo got an image with a wrong password"; fi
  if pull_as bob:bob-password team/small:1; then fail "skopeo got an image that bob may not pull"; fi
  expect "asked of the upstream" "" "$(requests private)"
  pull_as ann:ann-password team/small:1 || fail "ann got nothing: $(tail -n 1 "$scratch/check.log")"
  expect_image "$scratch/pulled" small
  if pull_as bob:bob-password team/small:1; then fail "skopeo got a held image that bob may not pull"; fi
}

podman_logs_in_and_pulls() {
  command -v podman >/dev/null || skip "podman is not installed"
  with_users
  local host=127.0.0.1:$subject_port
  if quiet_podman login --tls-verify=false --authfile "$scratch/auth" -u ann -p wrong "$host"; then fail "a wrong password logs in"; fi
  if quiet_podman pull --quiet --tls-verify=false --authfile "$scratch/auth" "$host/team/small:1"; then fail "podman pulls without a login"; fi
  quiet_podman login --tls-verify=false --authfile "$scratch/auth" -u ann -p ann-password "$host"
  quiet_podman pull --quiet --tls-verify=false --authfile "$scratch/auth" "$host/team/small:1"
}

crane_logs_in_and_pulls() {
  need crane
  with_users
  local DOCKER_CONFIG=$scratch/docker host=127.0.0.1:$subject_port
  export DOCKER_CONFIG
  crane auth login "$host" -u ann -p wrong
  if crane digest --insecure "$host/team/small:1"; then fail "crane gets a digest by a wrong password"; fi
  crane auth login "$host" -u ann -p ann-password
  expect "digest" "$(index_of small)" "$(crane digest --insecure "$host/team/small:1")"
}

# digest_by_CLIENT HOST USER:PASSWORD: CLIENT asks for team/small:1 of HOST; without a login if there is no second argument.
digest_by_oras() {
  in_the_network oras manifest fetch --descriptor --plain-http ${2:+--username "${2%%:*}" --password "${2#*:}"} \
    --registry-config "$scratch/oras.json" "$1/team/small:1" >"$scratch/digest"
}

digest_by_regctl() {
  REGCTL_CONFIG=$scratch/regctl-login.json in_the_network regctl --host "reg=$1,tls=disabled${2:+,user=${2%%:*},pass=${2#*:}}" \
    image digest "$1/team/small:1" >"$scratch/digest"
}

digest_by_containerd() {
  local status=0
  containerd_start
  quiet_ctr content fetch --plain-http --all-platforms ${2:+--user "$2"} "$1/team/small:1" >"$scratch/ctr.out" || status=$?
  quiet_ctr images list >"$scratch/digest"
  stop containerd
  return "$status"
}

# expect_login_decides CLIENT: right, wrong, none, and too little right.
expect_login_decides() {
  need "$1"
  local host=127.0.0.1:$subject_port login
  for login in ann:wrong bob:bob-password nobody:ann-password ""; do
    rm -f "$scratch/digest"
    if "digest_by_$1" "$host" ${login:+"$login"}; then fail "$1 gets an image as \"$login\""; fi
  done
  "digest_by_$1" "$host" ann:ann-password || fail "$1 gets nothing by the right login: $(tail -n 1 "$scratch/check.log")"
  grep -qF "$(index_of small)" "$scratch/digest" || fail "$1 got another digest: $(cat "$scratch/digest")"
}

oras_pulls_only_with_the_right_login() { with_users && expect_login_decides oras; }
regctl_pulls_only_with_the_right_login() { with_users && expect_login_decides regctl; }
containerd_pulls_only_with_the_right_login() { with_users && expect_login_decides containerd; }

helm_and_oras_log_in_only_with_the_right_password() {
  local host=127.0.0.1:$subject_port
  need helm
  with_users
  if quiet_helm registry login --plain-http -u ann -p wrong "$host"; then fail "helm logs in by a wrong password"; fi
  quiet_helm registry login --plain-http -u ann -p ann-password "$host" || fail "helm does not log in: $(tail -n 1 "$scratch/check.log")"
  need oras
  if in_the_network oras login --plain-http --registry-config "$scratch/oras.json" -u ann -p wrong "$host"; then fail "a wrong password logs in"; fi
  in_the_network oras login --plain-http --registry-config "$scratch/oras.json" -u ann -p ann-password "$host" >/dev/null
}

answers_tell_nobody_what_he_may_not_pull() {
  with_users
  mark private
  request 401 /v2/
  expect "challenge" "Bearer realm=\"$(subject_url)/v2/token\"" "$(header WWW-Authenticate | cut -d , -f 1)"
  request 401 /v2/team/small/manifests/1
  expect_error UNAUTHORIZED
  request 401 /v2/team/none/manifests/1
  request 403 /v2/team/small/manifests/1 -u bob:bob-password
  expect_error DENIED
  request 403 /v2/team/none/manifests/1 -u bob:bob-password
  request 401 /api/stats
  request 403 /api/stats -u bob:bob-password
  request 200 /api/stats -u ann:ann-password
  request 401 /metrics
  request 200 /api/health/live
  expect "asked of the upstream" "" "$(requests private)"
}

token_gives_what_its_user_may_pull() {
  subject_with_users # knows nothing of the wrong passwords of the checks before
  request 200 "/v2/token?service=x&scope=repository:team/small:pull" -u ann:ann-password
  local token
  token=$(json 'body["token"]')
  request 200 /v2/team/small/manifests/1 -H "Authorization: Bearer $token" -H "Accept: $OCI_INDEX"
  expect_body "$(index_of small)"
  request 401 /v2/team/other/manifests/1 -H "Authorization: Bearer $token"
  request 200 /v2/token -d 'grant_type=password&service=x&username=ann&password=ann-password&scope=repository:team/small:pull'
  request 401 /v2/token -u ann:wrong
}

# The layer of 300 MB takes some 70 s at this rate.
token_that_expires_ends_no_pull() {
  local client token
  write_users
  throttle_start "$open_port" 4300000
  upstream=http://127.0.0.1:$throttle_port ready=/api/health/live subject_fresh --set "auth.htpasswd.path=$work/users" --set auth.tokenlifetime=60s \
    --set "access=user:ann pull team/**"
  request 200 "/v2/token?service=x&scope=repository:team/big:pull" -u ann:ann-password
  token=$(json 'body["token"]')
  pull_as ann:ann-password team/big:1 &
  client=$!
  sleep 62
  kill -0 "$client" || fail "the pull was over before its token expired"
  request 401 /v2/team/big/manifests/1 -H "Authorization: Bearer $token"
  header WWW-Authenticate | grep -qF 'error="invalid_token"' || fail "an expired token is not told: $(header WWW-Authenticate)"
  wait "$client" || fail "the pull ended with its token: $(tail -n 1 "$scratch/check.log")"
  expect_image "$scratch/pulled" big
  stop throttle
}

passwords_of_clients_are_not_logged() {
  subject_with_users
  request 401 /v2/ -u ann:bob-password
  request 200 /v2/ -u ann:ann-password
  if grep -E 'ann-password|bob-password' "$work/subject.out" "$work/subject.err"; then fail "a password is in the log"; fi
}
