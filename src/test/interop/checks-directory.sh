# shellcheck shell=bash
# Logins by a real directory: Debian's slapd, by StartTLS and by LDAPS, with a group.

directory_start() {
  ! alive directory || return 0
  rm -rf "$work/directory"
  mkdir "$work/directory"
  harness certificate "$work/directory/key.pem" "$work/directory/certificate.pem"
  echo reader-password >"$work/directory/password"
  launch directory python3 "$here/directory.py" "$work/directory" "$directory_port" "$ldaps_port"
  wait_until 60 listens "$directory_port" || skip "slapd does not start here: $(tail -n 1 "$work/directory.err")"
}

listens() {
  (echo >"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# subject_with_directory starttls|ldaps CERTIFICATE: an empty cache of the private upstream. Only the group pullers may pull team/**.
subject_with_directory() {
  local way=("auth.ldap.url=ldap://127.0.0.1:$directory_port" --set auth.ldap.starttls=true)
  [ "$1" = starttls ] || way=("auth.ldap.url=ldaps://127.0.0.1:$ldaps_port")
  upstream=$private ready=/api/health/live subject_fresh --set proxy.username=puller --set "proxy.password=$secret" \
    --set "${way[@]}" --set "auth.ldap.ca=$2" \
    --set auth.ldap.binddn=cn=reader,dc=example,dc=com --set auth.ldap.bindpasswordfile="$work/directory/password" \
    --set auth.ldap.userbase=ou=people,dc=example,dc=com --set auth.ldap.groupbase=ou=groups,dc=example,dc=com \
    --set "access=group:ldap:pullers pull,view team/**"
}

slapd_says_who_pulls() {
  directory_start
  subject_with_directory starttls "$work/directory/certificate.pem"
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

slapd_says_by_ldaps_who_pulls() {
  directory_start
  subject_with_directory ldaps "$work/directory/certificate.pem"
  request 401 /v2/ -u ann:wrong
  request 403 /v2/team/small/manifests/1 -u bob:bob-password
  request 200 /v2/team/small/manifests/1 -u ann:ann-password -H "Accept: $OCI_INDEX"
  expect_body "$(index_of small)"
}

slapd_lets_clients_log_in() {
  directory_start
  subject_for starttls subject_with_directory starttls "$work/directory/certificate.pem"
  local host=127.0.0.1:$subject_port client
  request 200 /v2/token -d 'grant_type=password&service=x&username=ann&password=ann-password&scope=repository:team/small:pull'
  if skopeo login --tls-verify=false --authfile "$scratch/auth" -u bob -p wrong "$host"; then fail "skopeo logs in by a wrong password"; fi
  skopeo login --tls-verify=false --authfile "$scratch/auth" -u bob -p bob-password "$host"
  for client in oras regctl; do
    if command -v "$client" >/dev/null; then expect_login_decides "$client"; fi
  done
}

slapd_that_is_gone_stops_only_new_logins() {
  directory_start
  subject_with_directory starttls "$work/directory/certificate.pem" # knows nothing of the wrong passwords before
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
  harness certificate "$scratch/key.pem" "$scratch/other.pem"
  local way
  for way in starttls ldaps; do
    : >"$work/subject.err"
    subject_with_directory "$way" "$scratch/other.pem"
    request 503 /v2/ -u ann:ann-password
    grep -q "The LDAP directory cannot be asked" "$work/subject.err" || fail "the log does not say why, by $way"
  done
  if grep -E 'ann-password|reader-password' "$work/subject.out" "$work/subject.err"; then fail "a password is in the log"; fi
  stop directory
}
