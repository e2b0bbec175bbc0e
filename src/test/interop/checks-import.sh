# shellcheck shell=bash
# The folder of a docker-registry that ran as a proxy cache is taken over.

# fingerprint FOLDER: every file with its time of change and its bytes.
fingerprint() {
  (cd "$1" && find . -type f -printf '%p %T@ ' -exec sha256sum {} \; | sort)
}

# holds_blobs FOLDER FILE: each blob that the file names is in the folder of a registry.
holds_blobs() {
  local digest
  while read -r digest; do
    [ -s "$(stored "$1" "$digest")" ] || return 1
  done <"$2"
}

make_proxy_folder() {
  registry_start old "$old_port" old --upstream "$open"
  pull team/big:1 "$scratch/pulled" "127.0.0.1:$old_port"
  pull team/docker:1 "$scratch/pulled" "127.0.0.1:$old_port"
  spoiled=$(new_blob team/big 100000)
  emptied=$(new_blob team/big 100000)
  printf '%s\n%s\n' "$spoiled" "$emptied" | cat - "$work/images/big.blobs" "$work/images/docker.blobs" >"$scratch/expected"
  curl -sS -f -o /dev/null "http://127.0.0.1:$old_port/v2/team/big/blobs/$spoiled"
  curl -sS -f -o /dev/null "http://127.0.0.1:$old_port/v2/team/big/blobs/$emptied"
  wait_until 20 holds_blobs old "$scratch/expected" || fail "the old cache has not stored all"
  stop old
  flip_byte "$(stored old "$spoiled")" 50000
  truncate -s 0 "$(stored old "$emptied")"
}

# An import may serve when it is done, or end: then the cache is started on what was imported.
start_with_import() {
  subject_stop
  rm -rf "$work/data"
  : >"$work/subject.err"
  : >"$work/subject.out"
  launch subject "${subject_command[@]}" --addr "127.0.0.1:$subject_port" --data "$work/data" \
    --set "proxy.remoteurl=$open" --import "$work/old"
  harness await 60 "$(subject_url)/v2/" --status 200 --pid "$(<"$work/subject.pid")" || dead subject || fail "it does not end"
  if dead subject; then
    wait "$(<"$work/subject.pid")" || fail "the import ended with $?"
    ready=/v2/ subject_start
  fi
}

old_proxy_folder_is_imported() {
  local spoiled emptied digest
  make_proxy_folder
  upstream_stop
  fingerprint "$work/old" >"$work/old.before"
  start_with_import
  expect_pull team/big:1 big
  expect_pull team/docker:1 docker
  for digest in "$spoiled" "$emptied"; do
    grep -qs "${digest#sha256:}" "$work/subject.out" "$work/subject.err" || fail "$digest is not named in the log"
    curl -s -o /dev/null --max-time 60 -w '%{http_code}' "$(subject_url)/v2/team/big/blobs/$digest" | grep -x '[45]..' ||
      fail "$digest is served"
  done
}

imported_folder_is_unchanged() {
  alive subject || fail "nothing was imported"
  fingerprint "$work/old" | diff "$work/old.before" - || fail "the import changed the old folder"
}
