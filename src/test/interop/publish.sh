# shellcheck shell=bash
# What the upstreams offer: made once, before the first check.

OCI_INDEX=application/vnd.oci.image.index.v1+json
OCI_MANIFEST=application/vnd.oci.image.manifest.v1+json

publish() {
  echo "making the images"
  mkdir "$work/images"
  python3 "$here/image.py" "$work/images"
  htpasswd -Bbn puller "$secret" >"$work/htpasswd"
  upstream_start
  registry_start private "$private_port" private "auth: {htpasswd: {realm: interop, path: $work/htpasswd}}"

  echo "pushing them"
  push big "127.0.0.1:$open_port" team/big:1 --preserve-digests
  push artifact "127.0.0.1:$open_port" team/big:sbom --preserve-digests
  push small "127.0.0.1:$open_port" team/small:1 --preserve-digests
  push small "127.0.0.1:$open_port" team/docker:1 --format v2s2
  push small "127.0.0.1:$private_port" team/small:1 --preserve-digests --dest-creds "puller:$secret"
  publish_tags
  put_manifest team/big "$(index_of big | tr : -)" "$OCI_INDEX" "$work/images/referrers.json"
  describe_docker_image
}

publish_tags() {
  local tag
  for tag in a b c d e; do
    push artifact "127.0.0.1:$open_port" "team/tags:$tag" --preserve-digests
  done
}

# skopeo converts small's manifests to Docker's own types, and keeps its blobs.
describe_docker_image() {
  pull team/docker:1 "$work/images/docker" "127.0.0.1:$open_port"
  grep -q docker.distribution.manifest.list.v2 "$work/images/docker/manifest.json"
  cp "$work/images/small.blobs" "$work/images/docker.blobs"
  python3 "$here/contents.py" "$work/images/docker" | grep -vxFf "$work/images/docker.blobs" >"$work/images/docker.manifests"
}
