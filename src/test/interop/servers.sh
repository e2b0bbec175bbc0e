# shellcheck shell=bash
# The upstreams (Debian's docker-registry, each with an access log that is counted) and the subject of the run.

# registry_start NAME PORT FOLDER [OPTION...]: starts a registry that stores in FOLDER; options are those of `harness registry`.
registry_start() {
  local name=$1 port=$2 folder=$3
  shift 3
  launch "$name" python3 -m harness registry --folder "$work/$name.registry" --data "$work/$folder" --port "$port" "$@"
  harness await 10 "http://127.0.0.1:$port/v2/" || fail "registry $name does not answer"
}

upstream_start() {
  registry_start open "$open_port" open
}

upstream_stop() {
  stop open
}

# throttle_start PORT [RATE]: a way to a local port on which a pull lasts long enough to be interrupted.
throttle_start() {
  launch throttle python3 -m harness relay "$throttle_port" "$1" "${2:-80000000}"
}

# stored FOLDER DIGEST: the file that holds a blob in the folder of a registry.
stored() {
  local hex=${2#sha256:}
  echo "$work/$1/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex/data"
}

# mark NAME: the requests made to a registry so far are not counted any more.
mark() {
  settle "$1"
  wc -l <"$work/$1.out" >"$work/$1.mark"
}

# A registry logs a request after it has answered: wait until its log has been quiet for a moment.
settle() {
  local before
  for _ in $(seq 50); do
    before=$(wc -c <"$work/$1.out")
    sleep 0.15
    [ "$before" != "$(wc -c <"$work/$1.out")" ] || return 0
  done
  fail "the log of $1 never comes to rest"
}

# requests NAME [PATTERN]: what a registry was asked since the mark, as METHOD PATH STATUS; version checks left out.
requests() {
  settle "$1"
  tail -n "+$(($(<"$work/$1.mark") + 1))" "$work/$1.out" |
    awk '{ print substr($6, 2), $7, $9 }' | { grep -v '^GET /v2/ ' || true; } | { grep -E "${2:-.}" || true; }
}

count() {
  requests "$@" | wc -l
}

# expect_each_blob_once NAME REPOSITORY IMAGE: one successful GET for each blob of the image and no other.
expect_each_blob_once() {
  requests "$1" "^GET /v2/$2/blobs/.* 20[06]$" | sed -E 's|.*/blobs/([^ ]*) .*|\1|' | sort >"$scratch/gets"
  diff <(sort "$work/images/$3.blobs") "$scratch/gets" || fail "not exactly one upstream GET for each blob of $3"
}

subject_url() {
  echo "http://127.0.0.1:$subject_port"
}

# subject_start [OPTION...]: starts the subject on the data folder as it stands, and waits until $ready is 200.
subject_start() {
  subject_stop
  case $subject in
    entrepot)
      # The checks count GETs.
      ENTREPOT_PROXY_PARALLEL=1 launch subject "${subject_command[@]}" --addr "127.0.0.1:$subject_port" --data "$work/data" \
        --set "proxy.remoteurl=${upstream:-$open}" "$@"
      ;;
    registry)
      launch subject python3 -m harness registry --folder "$work/subject.registry" --data "$work/data" \
        --port "$subject_port" --upstream "${upstream:-$open}"
      ready=/v2/
      ;;
  esac
  subject_await
}

# subject_await: health says degraded without an upstream, so the checks that take it away wait for /v2/ instead.
subject_await() {
  harness await 60 "$(subject_url)${ready:-/api/health}" --status 200 --pid "$(<"$work/subject.pid")" ||
    fail "the subject does not answer: $(tail -n 1 "$work/subject.err")"
}

subject_stop() {
  rm -f "$work/subject.kind"
  stop subject
}

# subject_for KIND COMMAND...: COMMAND starts the subject, unless that of this kind runs already.
subject_for() {
  if alive subject && grep -qsxF "$1" "$work/subject.kind"; then return; fi
  "${@:2}"
  echo "$1" >"$work/subject.kind"
}

# subject_fresh [OPTION...]: the same with an empty cache.
subject_fresh() {
  subject_stop
  rm -rf "$work/data"
  subject_start "$@"
}
