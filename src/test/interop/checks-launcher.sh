# shellcheck shell=bash
# `java -jar entrepot.war` as a program: how it starts, ends, and says what is wrong.

# On a slow machine it may take forty times as long as --help, which does next to nothing: a
# machine that needs 0.075 s for that is one on which three seconds are promised.
first_answer_comes_within_three_seconds() {
  local started limit
  subject_stop
  rm -rf "$work/data"
  limit=$(fastest_of_three "${subject_command[@]}" --help | awk '{ print (40 * $1 > 3 ? 40 * $1 : 3) }')
  started=$EPOCHREALTIME
  ready=/v2/ subject_start
  note "$(awk "BEGIN { printf \"%.2f s to the first 200, of %.2f s\", $EPOCHREALTIME - $started, $limit }")"
  awk "BEGIN { exit !($EPOCHREALTIME - $started <= $limit) }" || fail "took $(<"$scratch/notes")"
}

# fastest_of_three COMMAND...: the seconds that it takes.
fastest_of_three() {
  local started
  for _ in 1 2 3; do
    started=$EPOCHREALTIME
    "$@" >"$scratch/out"
    awk "BEGIN { print $EPOCHREALTIME - $started }"
  done | sort -g | head -n 1
}

terminated_it_ends_with_zero() {
  local status=0
  subject_start
  kill -TERM "$(<"$work/subject.pid")"
  wait_until 20 dead subject || fail "still running after 20 s"
  wait "$(<"$work/subject.pid")" || status=$?
  expect "exit status" 0 "$status"
}

# expect_refusal OPTION...: ends by itself, not with 0, and says why in one line.
expect_refusal() {
  local status=0
  timeout 30 "${subject_command[@]}" "$@" </dev/null >"$scratch/all" 2>&1 || status=$?
  case $status in
    0 | 124) fail "exit status $status" ;;
  esac
  grep -v '^Picked up ' "$scratch/all" >"$scratch/said" || true
  expect "lines said" 1 "$(wc -l <"$scratch/said")"
}

unknown_option_is_refused_in_one_line() {
  expect_refusal --bogus
  grep -e --bogus "$scratch/said"
}

bad_setting_is_refused_in_one_line() {
  expect_refusal --addr 127.0.0.1:0 --data "$scratch/data" --set "proxy.remoteurl=no url"
  grep proxy.remoteurl "$scratch/said"
}

taken_port_is_refused_in_one_line() {
  subject_start
  expect_refusal --addr "127.0.0.1:$subject_port" --data "$scratch/data" --set "proxy.remoteurl=$open"
  grep "$subject_port" "$scratch/said"
}

help_and_version_are_told() {
  timeout 30 "${subject_command[@]}" --help >"$scratch/help"
  for option in --addr --data --config --import --set --help --version; do
    grep -q -e "$option" "$scratch/help" || fail "--help does not tell of $option"
  done
  timeout 30 "${subject_command[@]}" --version | grep '[0-9]'
}
