# shellcheck shell=bash
# The same WAR in a real Tomcat 10.1 with the files of tomcat-conf/.

# The first start makes a base of its own, as tomcat-conf/README.md tells; the server itself stays as it was unpacked.
tomcat_start() {
  subject_stop
  ENTREPOT_PROXY_PARALLEL=1 launch subject python3 -m harness tomcat --folder "$work/tomcat" --data "$work/tomcat/storage" \
    --port "$subject_port" --tls-port "$secure_port" --upstream "$open"
  subject_await
}

tomcat_cold_pull_gets_each_blob_once() {
  alive open || upstream_start
  tomcat_start
  mark open
  expect_pull team/big:1 big
  expect_each_blob_once open team/big big
}

tomcat_is_pulled_over_tls() {
  mkdir -p "$work/certs"
  cp "$work/tomcat/conf/tls/certificate.pem" "$work/certs/ca.crt"
  rm -rf "$scratch/secure"
  quiet_skopeo --preserve-digests --src-cert-dir "$work/certs" "docker://127.0.0.1:$secure_port/team/big:1" "dir:$scratch/secure"
  expect_image "$scratch/secure" big
  expect "HTTP version" 2 "$(curl -sS --cacert "$work/certs/ca.crt" -o /dev/null -w '%{http_version}' "https://127.0.0.1:$secure_port/v2/")"
}

tomcat_stores_where_jndi_says() {
  expect_kept "$work/tomcat/storage" big
}

tomcat_warm_pull_asks_only_about_the_tag() {
  warm_pull_asks_only_about_the_tag
}

tomcat_misses_no_stopped_upstream() {
  stopped_upstream_is_not_missed
}

tomcat_restart_without_upstream_serves() {
  ready=/v2/ tomcat_start
  expect_pull team/big:1 big
}

tomcat_ends_in_peace() {
  alive subject || fail "Tomcat is not running"
  stop subject
  if grep -E 'SEVERE|OutOfMemory|memory leak' "$work"/tomcat/logs/catalina.*; then fail "Tomcat complains"; fi
}
