# shellcheck shell=bash
# lib.sh - words for tests of real processes.  Sourced by tests/system/*.sh.
#
# A test is a sentence that holds or not:
#
#     begin "a line typed at one is shown at the others"
#     tell alice hello
#     expect sees bob '<alice> hello$' 5
#     done_with
#
# The last line of a test program is "N passed, N failed, N skipped".

# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

passed=0
failed=0
skipped=0
sentence=
broken=

begin() {
    sentence=$1
    broken=
    began=$(now_ms)
}

# expect COMMAND... - what has to succeed.
expect() {
    "$@" && return
    [ -n "$broken" ] || show_all "${!in_of[@]}" "${!pid_of[@]}"
    echo "    expected: $*"
    broken=yes
}

# expect_not COMMAND...
expect_not() {
    "$@" || return 0
    [ -n "$broken" ] || show_all "${!in_of[@]}" "${!pid_of[@]}"
    echo "    expected not: $*"
    broken=yes
}

# equal GOT WANT
equal() {
    [ "$1" = "$2" ] && return
    echo "    got \"$1\", not \"$2\""
    return 1
}

done_with() {
    local took=$(($(now_ms) - began))
    if [ -z "$broken" ]; then
        passed=$((passed + 1))
        echo "ok: $sentence ($took ms)"
    else
        failed=$((failed + 1))
        echo "FAILED: $sentence ($took ms)"
    fi
}

# skip SENTENCE REASON
skip() {
    skipped=$((skipped + 1))
    echo "SKIP: $1: $2"
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
    exit
}

# ends_with NAME CODE SECONDS - it ends in time, with this exit code.
ends_with() {
    ended "$1" "$3"
    equal "$code" "$2"
}

# stop_all - every peer leaves as a terminal's end makes it leave.
stop_all() {
    local name
    for name in "${!pid_of[@]}"; do
        kill -TERM "${pid_of[$name]}" 2>/dev/null
    done
    for name in "${!pid_of[@]}"; do
        ended "$name" 5
    done
    for name in "${!in_of[@]}"; do
        close_input "$name"
    done
}

# own_network SCRIPT ARG... - runs the script again in a network namespace of
# its own, so that its ports are its own; where that is not allowed it goes on
# in the network of the machine, and $own_network is empty.
own_network=${own_network-}
own_network() {
    [ -n "$own_network" ] && ip link set lo up && return
    if command -v ip >/dev/null && unshare -n true 2>/dev/null; then
        rm -rf "$work"
        own_network=yes exec unshare -n "$@"
    fi
    if command -v ip >/dev/null && unshare -rn true 2>/dev/null; then
        rm -rf "$work"
        own_network=yes exec unshare -rn "$@"
    fi
}

# --- network namespaces --------------------------------------------------------

declare -A space_of=()

# spaces_work - may namespaces be made here, and packets be dropped in them?
spaces_work() {
    [ -n "$own_network" ] && unshare -n nft list tables >/dev/null 2>&1 &&
        ip link add br0 type bridge 2>/dev/null && ip link set br0 up
}

# space NAME ADDRESS - a namespace with this address on a common bridge.  It
# lives as long as the process that holds it.
space() {
    local name=$1 address=$2 holder
    unshare -n sleep infinity &
    holder=$!
    pid_of[space-$name]=$holder
    space_of[$name]=$holder
    until_ok 5 other_network "$holder"
    ip link add "v$name" type veth peer name e0 netns "$holder"
    ip link set "v$name" master br0 up
    within "$name" ip link set lo up
    within "$name" ip address add "$address/24" dev e0
    within "$name" ip link set e0 up
}

other_network() {
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# within NAME COMMAND... - runs it in the space.
within() {
    local holder=${space_of[$1]}
    shift
    nsenter -t "$holder" -n "$@"
}

# peer_in SPACE NAME OPTION... - a peer in a space.
peer_in() {
    local holder=${space_of[$1]} name=$2
    shift 2
    process "$name" nsenter -t "$holder" -n "$moot" "$@" --username "$name"
}

# cut_off SPACE ADDRESS - drops all packets between the two; heal SPACE ends it.
cut_off() {
    within "$1" nft "add table inet cut
        add chain inet cut in { type filter hook input priority 0; }
        add chain inet cut out { type filter hook output priority 0; }
        add rule inet cut in ip saddr $2 drop
        add rule inet cut out ip daddr $2 drop"
}

heal() {
    within "$1" nft delete table inet cut
}
