# shellcheck shell=bash
# Every process the lab leaves running carries LAB_PROCESS=<folder of the lab>/<what it is> in its environment, and is
# found by that. No process number is recorded: a record would be missing after an interruption, and could name
# somebody else's process after the number has been used again.

# start_process WHAT LOG COMMAND...: in a session of its own, so that its group can be ended as a whole; with none of
# our files open, neither locks nor the pipes of whoever waits for our output to end; and with none of our environment,
# which may hold secrets. Returns when it can be found, or has ended.
start_process() {
  local what=$1 log=$2 file started
  shift 2
  (
    for file in "/proc/$BASHPID/fd"/*; do
      file=${file##*/}
      [ "$file" -le 2 ] || eval "exec $file>&-"
    done
    exec setsid env -i PATH="$PATH" LAB_PROCESS="$what" "$@" </dev/null >"$log" 2>&1
  ) &
  started=$!
  while kill -0 "$started" 2>/dev/null && ! is_running "$what"; do sleep 0.02; done
}

# lab_processes FOLDER: "<process number> <what it is>" of each process marked with a path below FOLDER.
lab_processes() {
  local file number entry
  for file in $(grep -lsF "LAB_PROCESS=$1/" /proc/[0-9]*/environ || true); do
    number=${file#/proc/}
    number=${number%/environ}
    while IFS= read -r -d '' entry; do
      [[ $entry != "LAB_PROCESS=$1/"* ]] || printf '%s %s\n' "$number" "${entry#LAB_PROCESS=}"
    done < <(cat "$file" 2>/dev/null || true)
  done
}

# is_running WHAT
is_running() {
  local what
  while read -r _ what; do
    [ "$what" != "$1" ] || return 0
  done < <(lab_processes "${1%/*}")
  return 1
}

# end_processes NUMBER...: kills them and their groups, and waits until they are gone. Nothing of the lab has anything
# to save: a machine's disk is removed with it.
end_processes() {
  local number tries=0
  for number in "$@"; do
    kill -KILL -- "-$number" 2>/dev/null || kill -KILL "$number" 2>/dev/null || true
  done
  for number in "$@"; do
    while [ -s "/proc/$number/environ" ] && [ "$tries" -lt 100 ]; do
      sleep 0.05
      tries=$((tries + 1))
    done
  done
}

# end_named WHAT
end_named() {
  local number what
  while read -r number what; do
    [ "$what" != "$1" ] || end_processes "$number"
  done < <(lab_processes "${1%/*}")
}

# end_below FOLDER: ends every process marked with a path below FOLDER.
end_below() {
  local numbers
  mapfile -t numbers < <(lab_processes "$1" | cut -d' ' -f1 | sort -u)
  end_processes "${numbers[@]}"
}
