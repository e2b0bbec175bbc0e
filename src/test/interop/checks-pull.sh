# shellcheck shell=bash
# Whole images through the cache, and what each pull costs the upstream.

cold_pull_gets_each_blob_once() {
  subject_fresh
  mark open
  expect_pull team/big:1 big
  expect_each_blob_once open team/big big
}

warm_pull_asks_only_about_the_tag() {
  mark open
  expect_pull team/big:1 big
  expect "upstream requests" "HEAD /v2/team/big/manifests/1 200" "$(requests open)"
}

pull_by_digest_asks_nothing() {
  mark open
  expect_pull "team/big@$(index_of big)" big
  expect "upstream requests" "" "$(requests open)"
}

docker_manifest_list_is_pulled() {
  mark open
  expect_pull team/docker:1 docker
  expect_each_blob_once open team/docker docker
  request 200 /v2/team/docker/manifests/1 -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json'
  expect "Content-Type" application/vnd.docker.distribution.manifest.list.v2+json "$(header Content-Type)"
}

# Bytes are shared between repositories; the right to them is asked for with one HEAD each.
second_repository_downloads_no_blob_again() {
  mark open
  expect_pull team/small:1 small
  expect "upstream blob GETs" 0 "$(count open '^GET /v2/team/small/blobs/')"
  expect "upstream blob HEADs" "$(wc -l <"$work/images/small.blobs")" "$(count open '^HEAD /v2/team/small/blobs/.* 200$')"
}

artifact_with_empty_config_is_pulled() {
  expect_pull team/big:sbom artifact
  request 200 "/v2/team/big/manifests/$(index_of artifact)" -H "Accept: $OCI_MANIFEST"
  expect "artifactType" application/vnd.example.sbom "$(json 'body["artifactType"]')"
  expect "Content-Type" "$OCI_MANIFEST" "$(header Content-Type)"
}

referrers_come_from_the_tag_schema() {
  request 200 "/v2/team/big/referrers/$(index_of big)"
  expect "Content-Type" "$OCI_INDEX" "$(header Content-Type)"
  expect "referrers" "$(index_of artifact)" "$(json '*[m["digest"] for m in body["manifests"]]')"
}

eight_cold_pulls_at_once_get_each_blob_once() {
  local n clients=()
  subject_fresh
  mark open
  for n in 1 2 3 4 5 6 7 8; do
    pull team/big:1 "$scratch/pulled$n" &
    clients+=($!)
  done
  for n in "${clients[@]}"; do
    wait "$n" || fail "one of eight pulls failed"
  done
  for n in 1 2 3 4 5 6 7 8; do
    expect_image "$scratch/pulled$n" big
  done
  expect_each_blob_once open team/big big
}

podman_pulls() {
  expect_podman_pulls team/small:1
  quiet_podman image inspect --format '{{join .RepoDigests "\n"}}' "127.0.0.1:$subject_port/team/small:1" |
    grep "127.0.0.1:$subject_port/team/small@$(index_of small)"
}
