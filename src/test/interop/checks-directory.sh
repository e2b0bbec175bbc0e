# shellcheck shell=bash
# Logins by a real directory: Debian's slapd, by StartTLS, with a group.

directory_start() {
  rm -rf "$work/directory"
  mkdir "$work/directory"
  harness certificate "$work/directory/key.pem" "$work/directory/certificate.pem"
  launch directory python3 "$here/directory.py" "$work/directory" "$directory_port"
  wait_until 60 listens "$directory_port" || skip "slapd does not start here: $(tail -n 1 "$work/directory.err")"
}

listens() {
  (echo >"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# subject_with_directory CERTIFICATE [OPTION...]: an empty cache of the private upstream. Only the group pullers may pull team/**.
subject_with_directory() {
  local certificate=$1
  shift
  upstream=$private ready=/api/health/live subject_fresh --set proxy.username=puller --set "proxy.password=$secret" \
    --set "auth.ldap.url=ldap://127.0.0.1:$directory_port" --set "auth.ldap.ca=$certificate" \
    --set auth.ldap.binddn=cn=reader,dc=example,dc=com --set auth.ldap.bindpasswordfile="$work/directory/password" \
    --set auth.ldap.userbase=ou=people,dc=example,dc=com --set auth.ldap.groupbase=ou=groups,dc=example,dc=com \
    --set "access=group:ldap:pullers pull,view team/**" "$@"
}

slapd_says_who_pulls() {
  directory_start
  echo reader-password >"$work/directory/password"
  subject_with_directory "$work/directory/certificate.pem" --set auth.ldap.starttls=true
  mark private
  request 401 /v2/team/small/manifests/1
  request 401 /v2/team/small/manifests/1 -u ann:wrong
  request 401 /v2/team/small/manifests/1 -u ann:
  request 401 /v2/team/small/manifests/1 -u nobody:ann-password
  request 401 /v2/team/small/manifests/1 -u '*:ann-password'
  request 401 /v2/team/small/manifests/1 -u 'ann)(uid=*:ann-password'
  request 403 /v2/team/small/manifests/1 -u bob:bob-password
  request 403 /api/stats -u bob:bob-password
  if pull_as bob:bob-password team/small:1; then fail "skopeo got an image that bob may not pull"; fi
  if pull_as ann:wrong team/small:1; then fail "skopeo got an image with a wrong password"; fi
  expect "asked of the upstream" "" "$(requests private)"
  request 200 /v2/ -u ann:ann-password
  request 200 /api/stats -u ann:ann-password
  pull_as ann:ann-password team/small:1 || fail "ann got nothing: $(tail -n 1 "$scratch/check.log")"
  expect_image "$scratch/pulled" small
}

slapd_lets_clients_log_in() {
  [ -f "$work/directory.pid" ] || skip "slapd is not running"
  local host=127.0.0.1:$subject_port client
  request 200 /v2/token -d 'grant_type=password&service=x&username=ann&password=ann-password&scope=repository:team/small:pull'
  if skopeo login --tls-verify=false --authfile "$scratch/auth" -u bob -p wrong "$host"; then fail "skopeo logs in by a wrong password"; fi
  skopeo login --tls-verify=false --authfile "$scratch/auth" -u bob -p bob-password "$host"
  for client in oras regctl; do
    if command -v "$client" >/dev/null; then expect_login_decides "$client"; fi
  done
}

slapd_that_is_gone_stops_only_new_logins() {
  [ -f "$work/directory.pid" ] || skip "slapd is not running"
  subject_with_directory "$work/directory/certificate.pem" --set auth.ldap.starttls=true # knows nothing of the wrong passwords before
  request 200 /v2/team/small/manifests/1 -u ann:ann-password -H "Accept: $OCI_INDEX"
  request 200 "/v2/token?service=x&scope=repository:team/small:pull" -u ann:ann-password
  local token
  token=$(json 'body["token"]')
  stop directory
  request 503 /v2/ -u bob:another-password
  request 503 /v2/team/small/manifests/1 -u bob:another-password
  request 200 /v2/team/small/manifests/1 -H "Authorization: Bearer $token" -H "Accept: $OCI_INDEX"
  expect_body "$(index_of small)"
}

slapd_without_the_right_certificate_gets_no_password() {
  directory_start
  echo reader-password >"$work/directory/password"
  harness certificate "$scratch/key.pem" "$scratch/other.pem"
  subject_with_directory "$scratch/other.pem" --set auth.ldap.starttls=true
  request 503 /v2/ -u ann:ann-password
  grep -q "The LDAP directory cannot be asked" "$work/subject.err" || fail "the log does not say why"
  if grep -E 'ann-password|reader-password' "$work/subject.out" "$work/subject.err"; then fail "a password is in the log"; fi
  stop directory
}
