# SPDX-License-Identifier: Apache-2.0
# Shared by the benches beside it: the rules that are measured with, a detector to start and stop, and the figures on one line of JSON.
# Sourced from the repository's folder, by bash with set -e.

saker=${SAKER:-.build/release/saker}
falco=${FALCO_RULES:-../shared/corpus/falco-rules}
# saker would take these for settings of its own that are misspelt.
export -n SAKER SAKER_BENCH SAKER_BENCH_MATCH SAKER_BENCH_RESPOND

work=$(mktemp -d)
detector=
children=
finish() {
  local child
  for child in $detector $children; do kill "$child" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
fail() {
  echo "$*" >&2
  exit 1
}

figures='{}'
put() { figures=$(jq -c --arg name "$1" --argjson value "$2" '.[$name] = $value' <<<"$figures"); }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", b / a }'; }

# Our rules, and Falco's stable ones where they are at hand.
stable_rules() {
  echo "$PWD/rules"
  if [ -r "$falco/falco_rules.yaml" ]; then realpath "$falco/falco_rules.yaml"; fi
}

# configure RULES...: a configuration that asks no cluster and no runtime, and tells its alerts as JSON.
configure() {
  local list
  list=$(printf '%s, ' "$@")
  cat >"$work/saker.yaml" <<YAML
rules: [${list%, }]
responses: []
rule_matching: all
kubernetes: {enabled: false}
metadata: {runtimes: []}
journal: $work/journal/journal.db
results: $work/results
alerts: {stdout: json}
YAML
}

# Programs of somebody else's, attached meanwhile, would slow both halves of a pair and make the ratio too good. They are given a minute.
others_attached() {
  find /proc/[0-9]*/fd -lname 'anon_inode:bpf_link' 2>/dev/null | cut -d/ -f3 | sort -u | xargs -r -I{} cat /proc/{}/comm 2>/dev/null || true
}
nobody_else_is_attached() {
  local others
  for _ in $(seq 60); do
    others=$(others_attached)
    [ -n "$others" ] || return 0
    sleep 1
  done
  fail "bpf programs of other processes are attached ($(echo "$others" | tr '\n' ' ')): end them, then measure"
}

# start_detector: saker run, as configured; its alerts go to $work/alerts, or to the file or pipe that is named.
start_detector() {
  mkdir -p "$work/journal"
  "$saker" run --config "$work/saker.yaml" >"${1:-$work/alerts}" 2>"$work/told" &
  detector=$!
  for _ in $(seq 200); do
    if grep -q '^saker: ready' "$work/told"; then return; fi
    kill -0 "$detector" 2>/dev/null || break
    sleep 0.05
  done
  cat "$work/told" >&2
  fail 'saker run did not start'
}

# stop_detector: ends it; told_events, told_alerts and told_losses are then what it said.
stop_detector() {
  local last
  kill "$detector"
  wait "$detector" || { cat "$work/told" >&2; fail 'saker run ended badly'; }
  detector=
  rm -rf "$work/journal"
  last=$(grep '^saker: ended after' "$work/told")
  told_events=$(sed -E 's/.*after ([0-9]+) events.*/\1/' <<<"$last")
  told_alerts=$(sed -E 's/.* ([0-9]+) alerts.*/\1/' <<<"$last")
  # A text that was cut or could not be read is a gap in a record, not a lost one.
  told_losses=$(sed -E 's/.*lost or cut: //; s/kernel (truncated|read_fault) [0-9]+(, )?//g; s/, $//; s/^$/nothing/' <<<"$last")
}

# Nanoseconds of processor time: of the whole detector, and of its detection thread.
spent() { awk '{ sum += $1 } END { printf "%.0f\n", sum }' "/proc/$detector/task/"*/schedstat; }
spent_detecting() {
  local thread
  for thread in "/proc/$detector/task/"*; do
    if [ "$(cat "$thread/comm")" = saker-detect ]; then awk '{ print $1 }' "$thread/schedstat"; fi
  done | grep . || fail 'there is no detection thread'
}
resident() { awk '/^VmRSS:/ { printf "%.1f\n", $2 / 1024 }' "/proc/$detector/status"; }
