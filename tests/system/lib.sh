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

# shortened WHAT GOT FULL - says that this is a taste of what the campaign does.
shortened() {
    [ "$2" -ge "$3" ] || echo "    shortened: $2 of $3 $1 (make campaign: all)"
}

# --- what a profile keeps ------------------------------------------------------

# transcript NAME OPTION... - what its profile keeps, in order, as JSON.
transcript() {
    local name=$1
    shift
    "$moot" history --json --username "$name" "$@" 2>"$work/$name.look"
}

# texts NAME - the words alone, one line each.
texts() {
    transcript "$@" | sed -n 's/.*"text":"\([^"]*\)"}$/\1/p'
}

# verified NAME - everything in its profile is as it was said.
verified() {
    local name=$1
    shift
    "$moot" verify --username "$name" "$@" >"$work/$name.verdict" 2>&1 &&
        return
    sed 's/^/    /' "$work/$name.verdict"
    return 1
}

# digest NAME - of what its profile keeps.
digest() {
    local name=$1
    shift
    "$moot" verify --username "$name" "$@" 2>/dev/null |
        sed -n 's/^  digest //p'
}

# unforked NAME - no run in its profile has two histories.
unforked() {
    ! "$moot" verify --username "$@" 2>/dev/null | grep 'two histories'
}

# agrees NAME COUNT - all its links hold what it holds, and there are so many.
# Asks for the next look at the same time, so it is to be used with until_ok.
agrees() {
    local all="all $2 linked members have the same" answers
    [ "$2" -ne 1 ] || all='the one linked member has the same'
    answers=$(grep -Ec -- '-- (nobody is linked|.* linked members? ha)' \
        "$work/$1.out")
    if [ "$answers" -gt "${answered[$1]-0}" ]; then
        answered[$1]=$answers
        grep -E -- '-- (nobody is linked|.* linked members? ha)' \
            "$work/$1.out" | tail -n 1 | grep -q -- "-- $all" && return
    fi
    if [ "$answers" -ge "${asked[$1]-0}" ]; then
        asked[$1]=$((answers + 1))
        tell "$1" /digest
    fi
    return 1
}
declare -A answered=() asked=()

# lives NAME - its chat in all its lives, when it is started with relive.
lives() {
    cat "$work/$1.before" "$work/$1.out" 2>/dev/null
}

# relive NAME OPTION... - peer, for one that has lived before.
relive() {
    [ ! -f "$work/$1.out" ] || cat "$work/$1.out" >>"$work/$1.before"
    unset "answered[$1]" "asked[$1]"
    peer "$@"
}

# sent NAME - the own lines it has shown as sent, in all its lives: stored, and
# so without the mark of those that are not.
sent() {
    lives "$1" | sed -n "s/^[0-9:]* *<$1> \(.*\)\$/\1/p"
}

# leaves NAME - as the end of its terminal makes it leave.
leaves() {
    kill -TERM "${pid_of[$1]}"
    ends_with "$1" 0 10
    close_input "$1"
}

# --- how late ------------------------------------------------------------------

# stamp NAME - it says a line with the time in it.
stamp() {
    tell "$1" "at ${EPOCHREALTIME/[.,]/}"
}

# clock NAME - for as long as it lives, writes down in $work/NAME.ms when each
# stamped line that it shows was said (in microseconds), how late it is (in
# milliseconds), and by whom.  Of those from before the second is not true.
clock() {
    : >"$work/$1.ms"
    tail --pid="${pid_of[$1]}" -n +1 -F "$work/$1.out" 2>/dev/null |
        while read -r line; do
            [[ $line =~ '<'(.*)'> at '([0-9]{16})$ ]] &&
                echo "${BASH_REMATCH[2]}" $((\
                    (${EPOCHREALTIME/[.,]/} - BASH_REMATCH[2]) / 1000)) \
                    "${BASH_REMATCH[1]}"
        done >>"$work/$1.ms" &
}

# lateness NAME [SINCE_MS [WHO]] - of the stamped lines that were said since
# then by those whose names begin like this: how many there are, and their
# median, 99th percentile and maximum in ms.
lateness() {
    awk -v since="${2-0}000" -v who="^${3-}" \
        '$1 >= since && $3 ~ who { print $2 }' "$work/$1.ms" |
        sort -n | awk '{ v[NR] = $1 }
            END {
                if (NR == 0) { print 0, 0, 0, 0; exit }
                print NR, v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.99)], v[NR]
            }'
}

# tell_lateness NAME WHEN [SINCE_MS [WHO]]
tell_lateness() {
    local n median p99 most
    read -r n median p99 most <<<"$(lateness "$1" "${3-0}" "${4-}")"
    echo "    $2, at $1: $n lines, median $median ms, p99 $p99 ms, most $most ms"
}

# within_ms NAME COUNT MS [SINCE_MS] - so many stamped lines have come, none
# later than that.
within_ms() {
    local n most
    read -r n _ _ most <<<"$(lateness "$1" "${4-0}")"
    [ "$n" -eq "$2" ] && [ "$most" -lt "$3" ]
}

# --- network namespaces --------------------------------------------------------

declare -A space_of=()

# spaces_work - may namespaces be made here, and packets be dropped in them?
spaces_work() {
    [ -n "$own_network" ] && unshare -n nft list tables >/dev/null 2>&1 &&
        ip link add br0 type bridge 2>/dev/null && ip link set br0 up
}

# space NAME ADDRESS [BRIDGE] - a namespace with this address on a common
# bridge.  It lives as long as the process that holds it.
space() {
    local name=$1 address=$2 bridge=${3-br0} holder
    unshare -n sleep infinity &
    holder=$!
    pid_of[space-$name]=$holder
    space_of[$name]=$holder
    until_ok 5 other_network "$holder"
    ip link add "v$name" type veth peer name e0 netns "$holder"
    ip link set "v$name" master "$bridge" up
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
