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
XDG_CACHE_HOME=$work/cache
XDG_RUNTIME_DIR=$work/runtime
export HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
export XDG_CACHE_HOME
mkdir -p "$HOME" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
for name in $(compgen -e | grep '^MOOT_'); do
    unset "$name"
done
# What else runs on this network is nobody's business here.
export MOOT_LAN=off

declare -A pid_of=() in_of=()

# Ends what is still running, and removes what was written.
lib_end() {
    local name
    exec 2>/dev/null # the shell's own words about those it has killed
    for name in "${!pid_of[@]}"; do
        kill -KILL "${pid_of[$name]}"
    done
    wait
    [ -n "${KEEP-}" ] && echo "kept: $work" && return
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
    : >"$work/$name.out"
    : >"$work/$name.err"
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
    kill -0 "${pid_of[$1]}" 2>/dev/null # the shell has reaped the dead
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
    { wait "${pid_of[$1]}"; } 2>/dev/null || code=$?
    unset "pid_of[$1]"
}

# slay NAME - kill -9, and nothing said about it by the shell.
slay() {
    {
        kill -KILL "${pid_of[$1]}"
        wait "${pid_of[$1]}"
    } 2>/dev/null
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

# mentions NAME PATTERN [SECONDS] - in its chat or beside it.
mentions() {
    until_ok "${3:-10}" grep -Eqs -- "$2" "$work/$1.out" "$work/$1.err"
}

# linked NAME COUNT - /who shows that many finished links.  Asks for the next
# look at the same time, so it is to be used with until_ok.
linked() {
    tell "$1" /who
    [ "$(awk '/^-- [0-9]+ here:/ { n = 0 } /  linked(, bootstrap)?  / { n++ }
        END { print n + 0 }' "$work/$1.out")" = "$2" ]
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

# three TITLE OPTIONS OPTIONS OPTIONS - the three peers of one configuration:
# in the panes of tmux where there is a terminal, else with a script that types
# a name and a line into each and sees that the others show it.
three() {
    local title=$1
    shift
    ready
    echo "$title"
    printf '    moot %s\n' "$@"
    if [ -t 0 ] && [ -t 1 ] && command -v tmux >/dev/null; then
        three_in_panes "$@"
    else
        three_scripted "$@"
    fi
}

# The second and the third wait until the first has been given a name.
three_in_panes() {
    local socket=moot-$$ first after='printf "\n[it ended with %s] " $?; read -r _'
    first=$(option --b_port "$1")
    local wait="echo 'waiting for port $first ...'
        until (exec 3<>/dev/tcp/127.0.0.1/$first) 2>/dev/null; do sleep 0.2; done"
    export SHELL=/bin/bash
    tmux -L "$socket" -f /dev/null new-session -d -s moot "'$moot' $1; $after"
    tmux -L "$socket" split-window -t moot "$wait; '$moot' $2; $after"
    tmux -L "$socket" split-window -t moot "$wait; '$moot' $3; $after"
    tmux -L "$socket" select-pane -t moot:0.0
    tmux -L "$socket" select-layout -t moot even-vertical
    tmux -L "$socket" set-option -g mouse on
    tmux -L "$socket" attach -t moot
    tmux -L "$socket" kill-server 2>/dev/null || true
}

# option NAME OPTIONS - the value of an option in a line of them.
option() {
    echo "$2" | sed -n "s/.*$1 \([^ ]*\).*/\1/p"
}

# port_taken PORT - somebody listens there.
port_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

three_scripted() {
    local names=(alice bob carol) options=("$@") i name other
    for i in 0 1 2; do
        name=${names[$i]}
        # shellcheck disable=SC2086 # options, one word each
        process "$name" "$moot" ${options[$i]}
        tell "$name" "$name"
        w_port "$name" >/dev/null || three_failed
        for other in "${names[@]:0:$i}"; do
            sees "$other" "--> $name joined" || three_failed
        done
    done
    for name in "${names[@]}"; do
        tell "$name" "this is $name"
        for other in "${names[@]}"; do
            sees "$other" "<$name> this is $name\$" || three_failed
        done
    done
    for name in "${names[@]}"; do
        tell "$name" /quit
        ended "$name" 5
        [ "$code" = 0 ] || three_failed
    done
    for name in "${names[@]}"; do
        show "$name"
    done
    for name in "${names[@]}"; do
        for other in "${names[@]}"; do
            [ "$(times "$name" "<$other> this is $other\$")" = 1 ] ||
                three_failed
        done
    done
    echo 'everybody saw what they should'
}

three_failed() {
    show_all alice bob carol
    echo 'somebody did not see what they should' >&2
    exit 1
}
