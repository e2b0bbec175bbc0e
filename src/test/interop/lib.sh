# shellcheck shell=bash
# Checks that are counted, expectations that say why they failed, and processes that never outlive the run.

passed=0
failed=0
skipped=0

# check NAME: runs the function NAME in a subshell of its own; its first failing command fails the check.
# The function finds an empty folder in $scratch, which is gone afterwards.
check() {
  local name=$1 started=$EPOCHREALTIME status seconds subject_said
  rm -rf "$scratch"
  mkdir -p "$scratch"
  subject_said=$(wc -c 2>/dev/null <"$work/subject.err" || echo 0)
  set +e
  (
    set -Eeuo pipefail
    trap 'because "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
    "$name"
  ) >"$scratch/log" 2>&1
  status=$?
  set -e
  seconds=$(awk "BEGIN { printf \"%.1f s\", $EPOCHREALTIME - $started }")
  if [ "$status" != 0 ]; then
    failed=$((failed + 1))
    echo "FAIL $name: $(cat "$scratch/why" 2>/dev/null || echo "status $status")"
    tail -n 12 "$scratch/log" | cut -c 1-400 | sed 's/^/    /'
    tail -c "+$((subject_said + 1))" "$work/subject.err" 2>/dev/null | tail -n 12 | cut -c 1-400 | sed 's/^/    subject: /'
  elif [ -f "$scratch/skipped" ]; then
    skipped=$((skipped + 1))
    echo "skipped $name: $(<"$scratch/skipped")"
  else
    passed=$((passed + 1))
    echo "ok $name ($seconds$(cat "$scratch/note" 2>/dev/null || true))"
  fi
}

# The first reason is the one that is told.
because() {
  [ -f "$scratch/why" ] || echo "$*" >"$scratch/why"
}

fail() {
  echo "$*" >&2
  because "$*"
  exit 1
}

skip() {
  echo "$*" >"$scratch/skipped"
  exit 0
}

# note TEXT: adds a measured value to the line of a check that passes.
note() {
  printf ', %s' "$*" >>"$scratch/note"
}

# expect WHAT WANTED GOT
expect() {
  [ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
}

# wait_until SECONDS COMMAND...: false when the command has not succeeded by then.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

# launch NAME COMMAND...: starts a process; its output goes to NAME.out and NAME.err, its id to NAME.pid.
launch() {
  local name=$1
  shift
  "$@" </dev/null >>"$work/$name.out" 2>>"$work/$name.err" &
  echo $! >"$work/$name.pid"
}

# A process that has ended but whom nobody waited for is a zombie, and not alive.
alive() {
  [ -f "$work/$1.pid" ] && grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$(<"$work/$1.pid")/status"
}

dead() {
  ! alive "$1"
}

# stop NAME [SIGNAL]
stop() {
  if alive "$1"; then
    kill "-${2:-TERM}" "$(<"$work/$1.pid")"
    wait_until 20 dead "$1" || kill -KILL "$(<"$work/$1.pid")"
    wait_until 5 dead "$1"
  fi
  rm -f "$work/$1.pid"
}

stop_all() {
  local file
  for file in "$work"/*.pid; do
    [ ! -f "$file" ] || stop "$(basename "$file" .pid)" KILL
  done
  wait
}

# harness COMMAND...: what the Python library does for shell scripts; `harness --help` names it all.
harness() {
  python3 -m harness "$@"
}
