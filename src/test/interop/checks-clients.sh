# shellcheck shell=bash
# More clients: crane, regctl, ORAS, helm and containerd. Each pulls what the upstream `lab` has: by path, by host name and, where the
# client can, by namespace. Each pulls a repository that is called like its upstream too: `lab/app` of `lab`.

# What `lab/app` may be mistaken for has another content: `app` of the same upstream, and `lab/app` of the default one.
lab_start() {
  registry_start lab "$lab_port" lab
  push small "127.0.0.1:$lab_port" team/small:1 --preserve-digests
  push other "127.0.0.1:$lab_port" lab/app:1 --preserve-digests
  push small "127.0.0.1:$lab_port" app:1 --preserve-digests
  push artifact "127.0.0.1:$open_port" lab/app:1 --preserve-digests
}

# subject_of_lab: an empty cache of the open upstream and of `lab`.
subject_of_lab() {
  alive lab || lab_start
  subject_fresh --set upstreams.names=lab --set "upstreams.lab.url=http://127.0.0.1:$lab_port" \
    --set upstreams.lab.hosts=lab.cache.example
  mark lab
  mark open
}

# in_the_network COMMAND...: where the host name of the cache leads to this machine, which only this command sees.
in_the_network() {
  printf '127.0.0.1 localhost\n127.0.0.1 lab.cache.example\n' >"$scratch/hosts"
  # shellcheck disable=SC2016
  timeout 120 unshare --mount sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$scratch/hosts" "$@"
}

need() {
  command -v "$1" >/dev/null || skip "$1 is not installed"
  [ "$(id -u)" = 0 ] || skip "a host name of its own needs root"
}

# with_CLIENT HOST REPOSITORY:TAG: pulls every architecture into $scratch/pulled, as an OCI layout or what the client has instead.

with_crane() {
  in_the_network crane pull --insecure --format=oci "$1/$2" "$scratch/pulled"
}

with_regctl() {
  REGCTL_CONFIG=${regctl_config:-$scratch/regctl.json} \
    in_the_network regctl --host "reg=$1,tls=disabled" image copy "$1/$2" "ocidir://$scratch/pulled:1"
}

with_oras() {
  in_the_network oras copy --no-tty --from-plain-http --to-oci-layout "${oras_options[@]}" "$1/$2" "$scratch/pulled:1"
}
oras_options=()

# expect_pulled CLIENT HOST REPOSITORY:TAG IMAGE: what the client got is the image, blob by blob and manifest by manifest.
expect_pulled() {
  rm -rf "$scratch/pulled"
  "with_$1" "$2" "$3" || fail "$1 failed for $2/$3: $(tail -n 1 "$scratch/check.log")"
  python3 "$here/contents.py" --named "$scratch/pulled" >"$scratch/contents"
  diff <(sort -u "$work/images/$4.blobs" "$work/images/$4.manifests") "$scratch/contents" || fail "$2/$3 is not the content of $4"
}

# expect_only_heads_of_the_tag REPOSITORY: all else was here.
expect_only_heads_of_the_tag() {
  expect "upstream requests beside HEAD of the tag" "" "$(requests lab | grep -vxF "HEAD /v2/$1/manifests/1 200" || true)"
}

expect_pulls_by_path() {
  need "$1"
  subject_of_lab
  expect_pulled "$1" "127.0.0.1:$subject_port" lab/team/small:1 small
  expect_each_blob_once lab team/small small
  expect "asked of the default upstream" "" "$(requests open)"
}

expect_pulls_by_host() {
  need "$1"
  mark lab
  expect_pulled "$1" "lab.cache.example:$subject_port" team/small:1 small
  expect_only_heads_of_the_tag team/small
}

expect_pulls_the_name_of_the_upstream() {
  need "$1"
  mark lab
  mark open
  expect_pulled "$1" "127.0.0.1:$subject_port" lab/lab/app:1 other
  expect_pulled "$1" "127.0.0.1:$subject_port" lab/app:1 small
  expect_each_blob_once lab lab/app other
  mark lab
  expect_pulled "$1" "lab.cache.example:$subject_port" lab/app:1 other
  expect_only_heads_of_the_tag lab/app
  expect "asked of the default upstream" "" "$(requests open)"
}

# expect_pulls_by_namespace CLIENT: with `ns=` or its header the path is the repository.
expect_pulls_by_namespace() {
  need "$1"
  mark lab
  mark open
  expect_pulled "$1" "${2:-127.0.0.1:$lab_port}" team/small:1 small
  expect_only_heads_of_the_tag team/small
  mark lab
  expect_pulled "$1" "${2:-127.0.0.1:$lab_port}" lab/app:1 other
  expect_only_heads_of_the_tag lab/app
  expect "asked of the default upstream" "" "$(requests open)"
}

crane_pulls_by_path() { expect_pulls_by_path crane; }
crane_pulls_by_host() { expect_pulls_by_host crane; }
crane_pulls_a_repository_called_like_its_upstream() { expect_pulls_the_name_of_the_upstream crane; }

regctl_pulls_by_path() { expect_pulls_by_path regctl; }
regctl_pulls_by_host() { expect_pulls_by_host regctl; }
regctl_pulls_a_repository_called_like_its_upstream() { expect_pulls_the_name_of_the_upstream regctl; }

# regctl sends `ns=` to the mirrors of a registry.
regctl_pulls_by_namespace() {
  printf '{"hosts": {"127.0.0.1:%s": {"tls": "disabled", "mirrors": ["127.0.0.1:%s"]}, "127.0.0.1:%s": {"tls": "disabled"}}}' \
    "$lab_port" "$subject_port" "$subject_port" >"$scratch/mirror.json"
  regctl_config=$scratch/mirror.json expect_pulls_by_namespace regctl
}

oras_pulls_by_path() { expect_pulls_by_path oras; }
oras_pulls_by_host() { expect_pulls_by_host oras; }
oras_pulls_a_repository_called_like_its_upstream() { expect_pulls_the_name_of_the_upstream oras; }

# ORAS has no mirrors, but sends any header.
oras_pulls_by_namespace() {
  oras_options=(--from-header "OCI-Namespace: 127.0.0.1:$lab_port")
  expect_pulls_by_namespace oras "127.0.0.1:$subject_port"
}
