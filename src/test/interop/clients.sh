# shellcheck shell=bash
# The clients: skopeo and podman for whole images, curl for single requests.

# The variable is skopeo's own; a docker-registry would take it for a part of its configuration.
quiet_skopeo() {
  REGISTRY_AUTH_FILE=$work/auth.json timeout 180 skopeo --insecure-policy copy --quiet --all "$@"
}

# push LAYOUT HOST REPOSITORY:TAG [OPTION...]
push() {
  local layout=$1 host=$2 name=$3
  shift 3
  quiet_skopeo --dest-tls-verify=false "$@" "oci:$work/images/$layout:1" "docker://$host/$name"
}

# pull REPOSITORY:TAG|@DIGEST FOLDER [HOST]: pulls every architecture, bytes as they are.
pull() {
  rm -rf "$2"
  quiet_skopeo --preserve-digests --src-tls-verify=false "docker://${3:-127.0.0.1:$subject_port}/$1" "dir:$2"
}

# expect_image FOLDER IMAGE: what was pulled is the image, blob by blob and manifest by manifest.
expect_image() {
  python3 "$here/contents.py" "$1" >"$scratch/contents"
  diff <(sort -u "$work/images/$2.blobs" "$work/images/$2.manifests") "$scratch/contents" || fail "not the content of $2"
}

# expect_pull REPOSITORY:TAG IMAGE: pulls and compares.
expect_pull() {
  pull "$1" "$scratch/pulled" || fail "pull of $1 failed: $(tail -n 1 "$scratch/check.log")"
  expect_image "$scratch/pulled" "$2"
}

quiet_podman() {
  timeout 60 podman --root "$scratch/root" --runroot "$scratch/run" --storage-driver vfs "$@"
}

# expect_podman_pulls REPOSITORY:TAG: podman pulls it from the subject. Skips the check where it cannot pull at all.
expect_podman_pulls() {
  command -v podman >/dev/null || skip "podman is not installed"
  quiet_podman pull --quiet --tls-verify=false "127.0.0.1:$open_port/team/small:1" ||
    skip "podman cannot even pull from the upstream here: $(tail -n 1 "$scratch/check.log")"
  quiet_podman pull --quiet --tls-verify=false "127.0.0.1:$subject_port/$1"
}

# expect_kept FOLDER IMAGE: all blobs of the image lie in the folder, each in a file named by its digest.
expect_kept() {
  python3 "$here/contents.py" --named "$1" >"$scratch/kept"
  expect "blobs of the image kept" "$(wc -l <"$work/images/$2.blobs")" "$(grep -cxFf "$work/images/$2.blobs" "$scratch/kept")"
}

# index_of IMAGE: the digest of its index.
index_of() {
  tail -n 1 "$work/images/$1.manifests"
}

# request STATUS PATH [CURL OPTION...]: asks the subject; leaves the answer in $scratch/body and $scratch/headers.
request() {
  local wanted=$1 path=$2 got
  shift 2
  rm -f "$scratch/body" "$scratch/headers"
  got=$(curl -sS --max-time 60 --path-as-is -o "$scratch/body" -D "$scratch/headers" -w '%{http_code}' "$@" "$(subject_url)$path") ||
    fail "$* $path: curl ended with $?"
  expect "status of $* $path" "$wanted" "$got"
}

# header NAME: its value in the last answer.
header() {
  sed -n "s/^$1: *//Ip" "$scratch/headers" | tr -d '\r' | tail -n 1
}

# json EXPRESSION: evaluates Python on the last body, parsed as `body`.
json() {
  python3 -c "import json, sys; body = json.load(open(sys.argv[1])); print($1)" "$scratch/body"
}

expect_error() {
  expect "error code" "$1" "$(json 'body["errors"][0]["code"]')"
}

expect_body() {
  expect "digest of the body" "$1" "sha256:$(sha256sum <"$scratch/body" | cut -d ' ' -f 1)"
}

# new_blob REPOSITORY BYTES: puts a blob that nobody has seen into the open upstream; prints its digest.
# Its bytes stay in $scratch/blob.
new_blob() {
  local digest location
  head -c "$2" /dev/urandom >"$scratch/blob"
  digest=sha256:$(sha256sum <"$scratch/blob" | cut -d ' ' -f 1)
  location=$(curl -sS -o /dev/null -w '%header{location}' -X POST "$open/v2/$1/blobs/uploads/")
  curl -sS -f -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$scratch/blob" "$location&digest=$digest"
  echo "$digest"
}

# put_manifest REPOSITORY REFERENCE MEDIA-TYPE FILE: puts a manifest into the open upstream.
put_manifest() {
  curl -sS -f -o /dev/null -X PUT -H "Content-Type: $3" --data-binary "@$4" "$open/v2/$1/manifests/$2"
}

# flip_byte FILE OFFSET: spoils a file, or mends what it spoiled.
flip_byte() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf '%b' "\\x$(printf %02x $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
