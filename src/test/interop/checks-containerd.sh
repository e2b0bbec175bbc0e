# shellcheck shell=bash
# containerd with a hosts.toml that names the cache as a mirror, as the nodes of a cluster have it.

# containerd_start: with nothing in it, and without what it does for Kubernetes.
containerd_start() {
  local folder=$scratch/containerd
  stop containerd
  rm -rf "$folder"
  mkdir "$folder"
  printf 'version = 2\nroot = "%s/root"\nstate = "%s/state"\n' "$folder" "$folder" >"$folder/config.toml"
  printf 'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]\n' >>"$folder/config.toml"
  printf '[grpc]\naddress = "%s/socket"\n' "$folder" >>"$folder/config.toml"
  launch containerd containerd --config "$folder/config.toml" --log-level warn
  wait_until 30 quiet_ctr version >"$scratch/version" 2>&1 || fail "containerd does not start: $(tail -n 1 "$work/containerd.err")"
}

quiet_ctr() {
  in_the_network ctr --address "$scratch/containerd/socket" "$@"
}

# mirror HOST URL [LINE...]: containerd asks URL for what it would ask HOST for, and nobody else.
mirror() {
  mkdir -p "$scratch/hosts.d/$1"
  printf 'server = "http://127.0.0.1:1"\n[host."%s"]\ncapabilities = ["pull", "resolve"]\n' "$2" >"$scratch/hosts.d/$1/hosts.toml"
  printf '%s\n' "${@:3}" >>"$scratch/hosts.d/$1/hosts.toml"
}

# with_containerd HOST REPOSITORY:TAG: leaves what containerd has then in $scratch/pulled.
with_containerd() {
  local status=0
  mkdir -p "$scratch/hosts.d"
  containerd_start
  quiet_ctr content fetch --plain-http --hosts-dir "$scratch/hosts.d" --all-platforms "$1/$2" >"$scratch/ctr.out" || status=$?
  stop containerd
  [ "$status" = 0 ] || return "$status"
  mv "$scratch/containerd/root/io.containerd.content.v1.content/blobs" "$scratch/pulled"
}

containerd_pulls_by_path() { expect_pulls_by_path containerd; }
containerd_pulls_by_host() { expect_pulls_by_host containerd; }
containerd_pulls_a_repository_called_like_its_upstream() { expect_pulls_the_name_of_the_upstream containerd; }

containerd_pulls_by_namespace() {
  mirror "127.0.0.1:$lab_port" "$(subject_url)"
  expect_pulls_by_namespace containerd
}

# The mirror has a path, which names the upstream. BuildKit asks so for `mirrors = ["cache.example/lab"]`. The `ns` that is sent beside it
# names no upstream here, so the path counts.
containerd_pulls_by_a_path_in_the_mirror() {
  need containerd
  mirror elsewhere.example "$(subject_url)/v2/lab" 'override_path = true'
  mark lab
  expect_pulled containerd elsewhere.example team/small:1 small
  expect_only_heads_of_the_tag team/small
  mark lab
  expect_pulled containerd elsewhere.example lab/app:1 other
  expect_only_heads_of_the_tag lab/app
}

containerd_unpacks_what_it_pulls() {
  need containerd
  mirror "127.0.0.1:$lab_port" "$(subject_url)"
  containerd_start
  quiet_ctr images pull --snapshotter native --hosts-dir "$scratch/hosts.d" "127.0.0.1:$lab_port/team/small:1" >"$scratch/ctr.out" ||
    fail "ctr failed: $(tail -n 1 "$scratch/check.log")"
  expect "digest of the image" "$(index_of small)" "$(quiet_ctr images list "name==127.0.0.1:$lab_port/team/small:1" | awk 'NR == 2 { print $3 }')"
  subject_stop
  stop containerd
  stop lab
}
