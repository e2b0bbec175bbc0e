# shellcheck shell=bash
# containerd with a hosts.toml that names the cache as a mirror, as the nodes of a cluster have it.

# containerd_start [PART]: with nothing in it, and without what it does for Kubernetes, unless PART is cri.
containerd_start() {
  local folder=$scratch/containerd
  stop containerd
  rm -rf "$folder"
  mkdir "$folder"
  printf 'version = 2\nroot = "%s/root"\nstate = "%s/state"\n' "$folder" "$folder" >"$folder/config.toml"
  local left=io.containerd.grpc.v1.cri
  [ "${1:-}" != cri ] || left=io.containerd.grpc.v1.none
  printf 'disabled_plugins = ["%s", "io.containerd.internal.v1.opt"]\n' "$left" >>"$folder/config.toml"
  printf '[grpc]\naddress = "%s/socket"\n' "$folder" >>"$folder/config.toml"
  printf '[plugins."io.containerd.grpc.v1.cri".containerd]\nsnapshotter = "native"\n' >>"$folder/config.toml"
  printf '[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "%s/hosts.d"\n' "$scratch" >>"$folder/config.toml"
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

# kubelet_asks REPOSITORY:TAG [USER:PASSWORD]: the call of kubelet, PullImage of CRI with an AuthConfig, as crictl makes it.
kubelet_asks() {
  crictl --runtime-endpoint "unix://$scratch/containerd/socket" --image-endpoint "unix://$scratch/containerd/socket" --timeout 60s \
    pull ${2:+--creds "$2"} "$1"
}

# As kubelet has it of an imagePullSecret: by a name with the host of the cache, and by a mirror in hosts.toml.
kubelet_pulls_only_with_the_right_login() {
  need crictl
  need containerd
  subject_with_users
  mkdir -p "$scratch/hosts.d"
  mirror "127.0.0.1:$private_port" "$(subject_url)"
  containerd_start cri
  wait_until 30 kubelet_reaches_containerd || fail "containerd has no CRI: $(tail -n 1 "$work/containerd.err")"
  mark private
  local host login
  for host in "127.0.0.1:$subject_port" "127.0.0.1:$private_port"; do
    for login in "" ann:wrong bob:bob-password; do
      if kubelet_asks "$host/team/small:1" ${login:+"$login"}; then fail "kubelet pulls $host/team/small:1 as \"$login\""; fi
    done
  done
  expect "asked of the upstream" "" "$(requests private)"
  for host in "127.0.0.1:$subject_port" "127.0.0.1:$private_port"; do
    kubelet_asks "$host/team/small:1" ann:ann-password || fail "kubelet pulls nothing from $host: $(tail -n 1 "$scratch/check.log")"
    quiet_ctr --namespace k8s.io images list "name==$host/team/small:1" >"$scratch/digest"
    grep -qF "$(index_of small)" "$scratch/digest" || fail "kubelet got another digest: $(cat "$scratch/digest")"
  done
  stop containerd
}

kubelet_reaches_containerd() {
  crictl --runtime-endpoint "unix://$scratch/containerd/socket" --image-endpoint "unix://$scratch/containerd/socket" images >/dev/null 2>&1
}
