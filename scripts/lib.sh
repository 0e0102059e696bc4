# shellcheck shell=bash
# lib.sh - words for scripts that run real peers.  Sourced, not run.
#
# A peer is a process with a name: `peer alice --mode bootstrap ...` starts it
# with a pipe for its standard input, `tell alice "..."` types a line,
# `sees alice PATTERN` waits until its chat shows it.  What it writes is in
# $work/NAME.out (the chat) and $work/NAME.err (the rest).  Nothing here sleeps
# and hopes: every wait has a condition and a deadline.  All peers end with the
# script that started them.

LC_ALL=C.UTF-8
export LC_ALL
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
moot=${MOOT:-$root/build/release/moot}
work=$(mktemp -d "${TMPDIR:-/tmp}/moot.XXXXXX")

# Nothing of the user's is read or written.
HOME=$work/home
XDG_DATA_HOME=$work/data
XDG_CONFIG_HOME=$work/config
XDG_STATE_HOME=$work/state
XDG_RUNTIME_DIR=$work/runtime
export HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
unset MOOT_INVITE

declare -A pid_of=() in_of=()

# Ends what is still running, and removes what was written.
lib_end() {
    local name
    for name in "${!pid_of[@]}"; do
        kill -KILL "${pid_of[$name]}" 2>/dev/null
        kill -CONT "${pid_of[$name]}" 2>/dev/null
    done
    wait 2>/dev/null
    [ -n "${KEEP-}" ] && echo "kept: $work" >&2 && return
    rm -rf "$work"
}
trap lib_end EXIT
trap 'exit 130' INT TERM HUP

now_ms() {
    local us=${EPOCHREALTIME/[.,]/}
    echo $((us / 1000))
}

# until_ok SECONDS COMMAND... - asks again until it succeeds; 1 when it never
# did.
until_ok() {
    local end=$(($(now_ms) + $1 * 1000))
    shift
    until "$@"; do
        [ "$(now_ms)" -gt "$end" ] && return 1
        sleep 0.02
    done
}

# peer NAME OPTION... - starts a peer whose username is typed by nobody.
peer() {
    local name=$1
    shift
    process "$name" "$moot" "$@" --username "$name"
}

# process NAME COMMAND... - starts any command as a peer is started.
process() {
    local name=$1 fd
    shift
    rm -f "$work/$name.in"
    mkfifo "$work/$name.in"
    exec {fd}<>"$work/$name.in"
    in_of[$name]=$fd
    (
        # The ends of other pipes are not this one's to keep open.
        for fd in "${in_of[@]}"; do
            exec {fd}>&-
        done
        exec "$@" <"$work/$name.in" >"$work/$name.out" 2>"$work/$name.err"
    ) &
    pid_of[$name]=$!
}

# tell NAME LINE... - types lines.
tell() {
    local name=$1
    shift
    printf '%s\n' "$@" >&"${in_of[$name]}"
}

# close_input NAME - the end of its standard input.
close_input() {
    local fd=${in_of[$1]}
    exec {fd}>&-
    unset "in_of[$1]"
}

alive() {
    kill -0 "${pid_of[$1]}" 2>/dev/null &&
        ! grep -q '^State:[[:space:]]*Z' "/proc/${pid_of[$1]}/status" 2>/dev/null
}

gone() {
    ! alive "$1"
}

# shellcheck disable=SC2034
# ended NAME SECONDS - waits for its end; its exit code is in $code, which is
# "running" when it did not end in time.
ended() {
    code=running
    until_ok "$2" gone "$1" || return 1
    code=0
    wait "${pid_of[$1]}" || code=$?
    unset "pid_of[$1]"
}

# sees NAME PATTERN [SECONDS] - its chat shows a line like this.
sees() {
    until_ok "${3:-10}" grep -Eq -- "$2" "$work/$1.out"
}

# says NAME PATTERN [SECONDS] - it said so beside the chat.
says() {
    until_ok "${3:-10}" grep -Eq -- "$2" "$work/$1.err"
}

# times NAME PATTERN - how many lines of its chat are like this.
times() {
    grep -Ec -- "$2" "$work/$1.out" || true
}

# w_port NAME, b_port NAME - the ports it got; waits until it says so.
w_port() {
    says "$1" '^Welcoming socket listening on port [0-9]+' || return 1
    sed -n 's/^Welcoming socket listening on port \([0-9]*\).*/\1/p' \
        "$work/$1.err" | head -n 1
}

b_port() {
    says "$1" '^Bootstrap socket listening on port [0-9]+' || return 1
    sed -n 's/^Bootstrap socket listening on port \([0-9]*\).*/\1/p' \
        "$work/$1.err" | head -n 1
}

# show NAME - prints what it saw.
show() {
    echo "--- what $1 saw ---"
    sed 's/^/    /' "$work/$1.out"
}

# show_all NAME... - everything about them, for a failure.
show_all() {
    local name
    for name in "$@"; do
        [ -f "$work/$name.out" ] || continue
        echo "--- $name: chat ---"
        tail -n 60 "$work/$name.out" | sed 's/^/    /'
        echo "--- $name: beside the chat ---"
        tail -n 60 "$work/$name.err" | sed 's/^/    /'
    done
}

# ready - installs and builds what is missing; says so when it takes a while.
ready() {
    "$root/scripts/deps" || exit 1
    make -s -C "$root" -j"$(nproc)" all || exit 1
    [ -x "$moot" ] || {
        echo "there is no $moot" >&2
        exit 1
    }
}
