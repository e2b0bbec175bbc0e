# shellcheck shell=bash
# The same WAR in a real Tomcat 10.1 with the files of tomcat-conf/.

# A base of its own, as tomcat-conf/README.md tells; the server itself stays as it was unpacked.
tomcat_install() {
  local base=$work/tomcat
  CATALINA_HOME=$(echo "$root"/target/dist/apache-tomcat-10.1.*)
  [ -f "$CATALINA_HOME/bin/catalina.sh" ] || fail "no Tomcat in target/dist: run mvn verify first"
  mkdir -p "$base"/{bin,conf/tls,logs,temp,webapps,work}
  cp "$CATALINA_HOME"/conf/web.xml "$base/conf/"
  cp -r "$root"/tomcat-conf/{Catalina,logging.properties,server.xml,tomcat-users.xml} "$base/conf/"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=interop -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$base/conf/tls/key.pem" -out "$base/conf/tls/certificate.pem"
  cp "$root/tomcat-conf/setenv.sh" "$base/bin/"
  cp "$root/target/entrepot.war" "$base/webapps/ROOT.war"
}

tomcat_start() {
  subject_stop
  CATALINA_HOME=$(echo "$root"/target/dist/apache-tomcat-10.1.*)
  export CATALINA_HOME CATALINA_BASE=$work/tomcat
  export CATALINA_OPTS="-Dtomcat.http.address=127.0.0.1 -Dtomcat.http.port=$subject_port \
    -Dtomcat.https.address=127.0.0.1 -Dtomcat.https.port=$secure_port \
    -Dtomcat.upstream.url=$open -Dtomcat.storage.folder=$work/tomcat/storage"
  launch subject sh "$CATALINA_HOME/bin/catalina.sh" run
  subject_await
}

tomcat_cold_pull_gets_each_blob_once() {
  tomcat_install
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
  python3 "$here/contents.py" --named "$work/tomcat/storage" >"$scratch/kept"
  expect "blobs kept" "$(wc -l <"$work/images/big.blobs")" "$(grep -cxFf "$work/images/big.blobs" "$scratch/kept")"
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
