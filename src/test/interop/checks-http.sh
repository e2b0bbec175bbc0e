# shellcheck shell=bash
# Single requests: what the contract promises for each, and what it costs the upstream.

head_of_a_blob_downloads_nothing() {
  local digest
  digest=$(new_blob team/head 1000000)
  mark open
  request 200 "/v2/team/head/blobs/$digest" --head
  expect "Content-Length" 1000000 "$(header Content-Length)"
  expect "Docker-Content-Digest" "$digest" "$(header Docker-Content-Digest)"
  expect "upstream requests" "HEAD /v2/team/head/blobs/$digest 200" "$(requests open)"
}

# expect_range DIGEST SPECIFIER FIRST LENGTH: of a blob of 1,000,000 bytes whose content is $scratch/blob.
expect_range() {
  request 206 "/v2/team/range/blobs/$1" -H "Range: bytes=$2"
  expect "Content-Range of $2" "bytes $3-$(($3 + $4 - 1))/1000000" "$(header Content-Range)"
  cmp <(tail -c "+$(($3 + 1))" "$scratch/blob" | head -c "$4") "$scratch/body" || fail "wrong bytes for $2"
}

ranges_are_answered_cold_and_warm() {
  local digest
  digest=$(new_blob team/range 1000000)
  expect_range "$digest" 5000-5999 5000 1000
  request 200 "/v2/team/range/blobs/$digest"
  expect_body "$digest"
  mark open
  expect_range "$digest" 0-0 0 1
  expect_range "$digest" 999000- 999000 1000
  expect_range "$digest" -10 999990 10
  expect_range "$digest" 999999-2000000 999999 1
  request 416 "/v2/team/range/blobs/$digest" -H 'Range: bytes=1000000-'
  expect "Content-Range" "bytes */1000000" "$(header Content-Range)"
  expect "upstream requests" "" "$(requests open)"
}

known_digest_is_not_sent_again() {
  local digest
  digest=$(new_blob team/etag 1000)
  request 200 "/v2/team/etag/blobs/$digest"
  expect "ETag" "\"$digest\"" "$(header ETag)"
  request 304 "/v2/team/etag/blobs/$digest" -H "If-None-Match: \"$digest\""
  request 304 "/v2/team/big/manifests/1" -H "Accept: $OCI_INDEX" -H "If-None-Match: \"$(index_of big)\""
}

writes_are_unsupported() {
  local digest method path
  digest=sha256:$(printf '0%.0s' {1..64})
  mark open
  for path in /v2/team/big/blobs/uploads/ /v2/team/big/manifests/1 "/v2/team/big/blobs/$digest"; do
    for method in POST PUT PATCH DELETE; do
      request 405 "$path" -X "$method" --data-binary '{}'
      expect_error UNSUPPORTED
    done
  done
  expect "upstream requests" "" "$(requests open)"
}

unknown_things_are_404_by_their_own_code() {
  request 404 /v2/team/absent/manifests/1
  expect_error MANIFEST_UNKNOWN
  request 404 "/v2/team/big/blobs/sha256:$(printf '0%.0s' {1..64})"
  expect_error BLOB_UNKNOWN
}

malformed_names_are_refused_and_ask_nothing() {
  local hex path
  hex=$(printf 'a%.0s' {1..64})
  mark open
  for path in \
    "/v2/TEAM/manifests/1" "/v2/team/-big/manifests/1" "/v2/team//big/manifests/1" "/v2//manifests/1" \
    "/v2/team/big/manifests/sha256:$hex$hex" "/v2/team/big/blobs/sha256:${hex^^}" "/v2/team/big/blobs/sha256:abc" \
    "/v2/team/big/blobs/md5:$hex" "/v2/team/big/blobs/$hex" "/v2/team/../big/blobs/sha256:$hex" \
    "/v2/team/..%2fbig/blobs/sha256:$hex" "/v2/team/%2e%2e/big/blobs/sha256:$hex" "/v2/team/big;x/blobs/sha256:$hex" \
    "/v2/team\\big/blobs/sha256:$hex" "/v2/team/big/tags/list?n=x" "/v2/team/big/tags/list?n=-1" "/v2/_catalog?n=x"; do
    request 400 "$path"
  done
  for path in "/v2/team/big/manifests/.1" "/v2/team/big/manifests/$(printf 'a%.0s' {1..129})"; do
    request 404 "$path"
    expect_error MANIFEST_UNKNOWN
  done
  request 400 /v2/TEAM/manifests/1
  expect_error NAME_INVALID
  request 400 /v2/team/big/blobs/sha256:abc
  expect_error DIGEST_INVALID
  expect "upstream requests" "" "$(requests open)"
}

# walk PATH KEY: follows Link from page to page; prints the members of KEY in the order they came.
walk() {
  local path=$1 pages=0
  while [ -n "$path" ]; do
    pages=$((pages + 1))
    [ "$pages" -le 50 ] || fail "$1 has no last page"
    request 200 "$path"
    json "*body['$2'], sep='\n'" | grep . || true
    path=$(header Link | sed -nE 's|^<([^>]*)>.*rel="?next"?.*|\1|p' | sed "s|^$(subject_url)||")
  done
}

# This upstream neither sorts its tags nor cuts them into pages.
tags_are_listed_to_the_last_page() {
  expect "tags" "a b c d e" "$(walk '/v2/team/tags/tags/list?n=2' tags | sort | xargs)"
  expect "tags" "a b c d e" "$(walk /v2/team/tags/tags/list tags | sort | xargs)"
  request 200 '/v2/team/tags/tags/list?n=10000'
  expect "name" team/tags "$(json 'body["name"]')"
}

catalog_lists_in_pages_what_is_held() {
  request 200 '/v2/_catalog?n=1'
  expect "repositories on a page of one" 1 "$(json 'len(body["repositories"])')"
  walk '/v2/_catalog?n=1' repositories >"$scratch/repositories"
  sort -c -u "$scratch/repositories" || fail "not in order, or twice: $(xargs <"$scratch/repositories")"
  grep -x team/big "$scratch/repositories"
  grep -x team/range "$scratch/repositories"
  if grep -x team/absent "$scratch/repositories"; then fail "lists a repository it holds nothing of"; fi
}

launcher_and_descriptors_are_not_served() {
  local path
  for path in /io/entrepot/launch/Launcher.class /org/apache/catalina/startup/Tomcat.class /WEB-INF/web.xml \
    /META-INF/MANIFEST.MF /META-INF/context.xml /WEB-INF/lib/ /jakarta/servlet/Servlet.class; do
    request 404 "$path"
  done
}
