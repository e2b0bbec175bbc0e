# shellcheck shell=bash
# helm pulls charts: by path and by host name. It can send no namespace.

quiet_helm() {
  HELM_CACHE_HOME=$work/helm/cache HELM_CONFIG_HOME=$work/helm/config HELM_DATA_HOME=$work/helm/data in_the_network helm "$@"
}

# push_chart NAME DESCRIPTION REPOSITORY: makes a chart and pushes it to REPOSITORY/NAME of `lab`.
push_chart() {
  mkdir -p "$scratch/chart/$1" "$scratch/packed"
  printf 'apiVersion: v2\nname: %s\nversion: 1.0.0\ndescription: %s\n' "$1" "$2" >"$scratch/chart/$1/Chart.yaml"
  quiet_helm package --destination "$scratch/packed" "$scratch/chart/$1"
  mkdir -p "$work/charts/$3"
  mv "$scratch/packed/$1-1.0.0.tgz" "$work/charts/$3/$1.tgz"
  quiet_helm push --plain-http "$work/charts/$3/$1.tgz" "oci://127.0.0.1:$lab_port/$3"
}

# expect_chart HOST REPOSITORY CHART: helm gets the file that was pushed to CHART.
expect_chart() {
  rm -rf "$scratch/pulled"
  mkdir "$scratch/pulled"
  quiet_helm pull --plain-http --version 1.0.0 --destination "$scratch/pulled" "oci://$1/$2" ||
    fail "helm failed for $1/$2: $(tail -n 1 "$scratch/check.log")"
  cmp "$work/charts/$3.tgz" "$scratch/pulled/${2##*/}-1.0.0.tgz" || fail "$1/$2 is not the chart $3"
}

helm_pulls_by_path() {
  need helm
  subject_of_lab
  push_chart web "of team" team
  push_chart app "of lab" lab
  mark lab
  expect_chart "127.0.0.1:$subject_port" lab/team/web team/web
  expect "GETs of its two blobs" "1 1" "$(requests lab '^GET /v2/team/web/blobs/' | sort | uniq -c | awk '{ print $1 }' | xargs)"
  expect "asked of the default upstream" "" "$(requests open)"
}

helm_pulls_by_host() {
  need helm
  mark lab
  expect_chart "lab.cache.example:$subject_port" team/web team/web
  expect "upstream requests beside HEAD of the tag" "" "$(requests lab | grep -vxF "HEAD /v2/team/web/manifests/1.0.0 200" || true)"
}

helm_pulls_a_repository_called_like_its_upstream() {
  need helm
  mark open
  expect_chart "127.0.0.1:$subject_port" lab/lab/app lab/app
  expect_chart "lab.cache.example:$subject_port" lab/app lab/app
  expect "asked of the default upstream" "" "$(requests open)"
}
