#!/bin/bash
# disk.sh - the disk of one of three is full, fails, or takes five seconds for
# a flush: what the others say is shown there as ever, and nothing that was
# shown as sent is lost.
#
# Runs alone: it measures.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# Below a changed root (chroot) mounts cannot be made private.
private=private
unshare -m true 2>/dev/null || private=unchanged
own_network unshare -m --propagation "$private" "$0"

slowflush=$root/build/release/tools/slowflush.so
small=$work/small
kept=$small/alice
full='on a full disk own lines are refused with the reason, others are shown'
space='when there is space again it goes on, without a restart'
failing='a disk that fails: own lines are refused, others are shown'
mended='when it works again it goes on, and what was shown as sent is there'
slow='a flush that takes 5 s delays the mark on own lines, and nothing else'

# ill INJECTION - from now on flushes of alice's are like this, until well.
ill() {
    strace -qq -f -p "${pid_of[alice]}" -o /dev/null -e trace=fdatasync,fsync \
        -e "inject=fdatasync,fsync:$1" 2>"$work/strace.err" &
    pid_of[strace]=$!
    until_ok 5 traced
}

traced() {
    [ "$(awk '/^TracerPid:/ { print $2 }' \
        "/proc/${pid_of[alice]}/status")" != 0 ]
}

untraced() {
    ! traced
}

well() {
    kill -INT "${pid_of[strace]}"
    { wait "${pid_of[strace]}"; } 2>/dev/null
    unset "pid_of[strace]"
    until_ok 5 untraced
}

# refused WHY - she is told that she cannot say anything, and why; and what is
# typed waits.
refused() {
    says alice "=!= $1.*: until that is over you cannot say anything" 5
}

# talk COUNT - bob and carol say stamped lines, 20 a second.
talk() {
    local i
    for ((i = 0; i < $1; i++)); do
        stamp bob
        sleep 0.025
        stamp carol
        sleep 0.025
    done
}

# kept_all - everything she showed as sent is in her profile, once.
kept_all() {
    sent alice | sort >"$work/sent"
    texts alice --data_dir "$kept" | sort >"$work/texts"
    [ -s "$work/sent" ] && [ -z "$(uniq -d "$work/texts")" ] &&
        [ -z "$(comm -23 "$work/sent" "$work/texts")" ]
}

# stalled NAME - the longest turn of its loop since it was started, in ms.
stalled() {
    curl -s -m 2 "http://localhost:$(b_port "$1")/metrics" |
        awk '$1 == "moot_loop_stall_seconds" { printf "%d\n", 1000 * $2 + 0.5 }'
}

# come - all three are together, alice with her profile on the small disk.
come() {
    relive alice --mode bootstrap --w_port 0 --b_port 0 --data_dir "$kept" \
        --remote_endpoint "localhost:$port"
    until_ok 10 linked bob 2
}

mkdir "$small"
if ! mount -t tmpfs -o size=640k tmpfs "$small" 2>/dev/null; then
    skip "$full" 'nothing can be mounted here'
    skip "$space" 'nothing can be mounted here'
    mkdir -p "$small"
fi

peer bob --mode bootstrap --w_port 0 --b_port 0
port=$(b_port bob)
peer carol --remote_endpoint "localhost:$port"
expect until_ok 10 linked bob 1
expect come

if mountpoint -q "$small"; then
    begin "$full"
    long=$(printf '%500s' '' | tr ' ' x)
    for ((i = 1; i <= 200; i++)); do
        says alice 'until that is over' 0 && break
        tell alice "line $i $long"
        until_ok 2 grep -q "line $i " "$work/alice.out" || break
    done
    expect refused 'the disk is full'
    # What she typed just now is kept back; what bob says is not.
    since=$(now_ms)
    clock alice
    clock carol
    tell alice 'kept back'
    expect talk 20
    expect sees alice '<carol> at [0-9]*$'
    expect until_ok 5 within_ms alice 40 250 "$since"
    expect until_ok 5 within_ms carol 40 250 "$since"
    tell_lateness alice 'on a full disk' "$since"
    expect_not sees alice 'kept back' 0
    expect_not sees bob 'kept back' 0
    expect_not grep -q '=!=\|level=' "$work/bob.err" "$work/carol.err"
    done_with

    begin "$space"
    mount -o remount,size=8m "$small"
    expect says alice 'what is said can be stored again' 10
    expect sees alice '<alice> kept back$'
    expect sees bob '<alice> kept back$'
    tell alice 'and another'
    expect sees alice '<alice> and another$'
    expect until_ok 10 agrees alice 2
    slay alice
    expect kept_all
    echo "    shown as sent: $(wc -l <"$work/sent")"
    expect verified alice --data_dir "$kept"
    expect come
    expect until_ok 10 agrees alice 2
    done_with
fi

begin "$failing"
tell alice 'before it fails'
expect sees alice '<alice> before it fails$'
expect ill error=EIO
tell alice 'not safe'
expect refused 'the disk reports an error'
since=$(now_ms)
clock alice
tell alice 'kept back again'
expect talk 20
expect until_ok 5 within_ms alice 40 250 "$since"
tell_lateness alice 'on a failing disk' "$since"
expect_not sees alice '^[0-9:]+ <alice> not safe$' 0
expect_not sees alice 'kept back again' 0
done_with

begin "$mended"
expect well
expect says alice 'what is said can be stored again' 10
expect sees alice 'kept back again'
expect says alice 'stored now'
expect until_ok 10 agrees alice 2
slay alice
expect kept_all
expect verified alice --data_dir "$kept"
expect come
expect until_ok 10 agrees alice 2
done_with

begin "$slow"
expect leaves alice
LD_PRELOAD=$slowflush SLOW_FLUSH=$work/slow expect come
expect until_ok 10 agrees alice 2
touch "$work/slow"
since=$(now_ms)
clock alice
clock bob
stamp alice
stamp carol
expect sees alice '· .*<alice> at [0-9]*$'
talk 60
stamp alice
expect until_ok 5 within_ms alice 123 250 "$since"
expect until_ok 5 within_ms bob 123 250 "$since"
tell_lateness alice 'while a flush takes 5 s' "$since"
tell_lateness bob 'and beside her' "$since"
expect says alice 'stored now' 30
echo "    marked after $(($(now_ms) - since)) ms"
expect [ $(($(now_ms) - since)) -gt 4500 ]
longest=$(stalled alice)
echo "    longest stall of her loop: $longest ms"
expect [ "$longest" -lt 50 ]
rm "$work/slow"
tell alice 'fast again'
expect sees alice '<alice> fast again$' 10
expect until_ok 10 agrees alice 2
done_with

stop_all
for name in bob carol; do
    equal "$(digest "$name")" "$(digest alice --data_dir "$kept")"
done
finish
