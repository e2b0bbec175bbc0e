# shellcheck shell=bash
# Expectations that say why they failed, and processes that never outlive the run.

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
  echo "$*" >>"$scratch/notes"
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
    [ ! -f "$file" ] || stop "$(basename "$file" .pid)" KILL || true
  done
  wait
}

# harness COMMAND...: what the Python library does for shell scripts; `harness --help` names it all.
harness() {
  python3 -m harness "$@"
}
