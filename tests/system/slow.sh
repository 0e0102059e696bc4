#!/bin/bash
# slow.sh - many who ask slowly at the bootstrap socket, in each of the known
# ways, while three peers talk: those who talk notice nothing, and those who
# ask honestly are answered.
# Runs alone: it measures how late lines are.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

seconds=${SLOW_SECONDS:-5}
slow_ones=400
late_ms=250

well() {
    local got
    got=$(curl -s -m 2 "http://127.0.0.1:$boot/health") && equal "$got" ok
}

answers_in_time() {
    local took
    took=$(curl -s -m 5 -o /dev/null -w '%{http_code} %{time_total}' \
        "http://127.0.0.1:$boot/bootstrap?nonce=00")
    echo "    a newcomer's question: ${took#* } s"
    equal "${took% *}" 200
}

# figure FAMILY
figure() {
    curl -s -m 5 "http://127.0.0.1:$boot/metrics" |
        awk -v name="$1" '$1 == name { print $2 }'
}

# attack NAME OPTION... - slowhttptest, with this many connections.
attack() {
    slowhttptest "${@:2}" -c "$slow_ones" -r 200 -l "$seconds" -p 2 \
        -u "http://127.0.0.1:$boot/bootstrap" >"$work/$1.slow" 2>&1
}

# under_attack WHAT OPTION... - and the talk goes on.
under_attack() {
    local what=$1 since count=0 attacker refused
    shift
    begin "$what from $slow_ones connections, and nobody who talks notices"
    refused=$(figure 'moot_refused_total{socket="bootstrap",reason="full"}')
    attack "$1" "$@" &
    attacker=$!
    since=$(now_ms)
    while kill -0 "$attacker" 2>/dev/null; do
        stamp bob
        count=$((count + 1))
        sleep 0.1 # a pace, not a wait
        [ $((count % 20)) -ne 10 ] || expect answers_in_time
    done
    wait "$attacker"
    expect until_ok 10 within_ms alice "$count" "$late_ms" "$since"
    expect until_ok 10 within_ms carol "$count" "$late_ms" "$since"
    tell_lateness alice 'lines of bob' "$since"
    tell_lateness carol 'lines of bob' "$since"
    expect well
    echo "    gave way: $(($(figure \
        'moot_refused_total{socket="bootstrap",reason="full"}') - ${refused:-0})), longest turn of the loop: $(figure \
        moot_loop_stall_last_minute_seconds) s, resident: $(($(figure \
        process_resident_memory_bytes) / 1024)) KiB"
    expect [ "$(figure moot_http_connections)" -le 257 ]
    expect_not grep -q 'x-- ' "$work/alice.out" "$work/carol.out"
    done_with
}

begin 'three peers talk'
peer alice --mode bootstrap --b_port 0
boot=$(b_port alice)
peer bob --remote_endpoint "127.0.0.1:$boot"
expect sees alice '--> bob joined'
peer carol --remote_endpoint "127.0.0.1:$boot"
expect sees bob '--> carol joined'
expect sees alice '--> carol joined'
clock alice
clock carol
expect well
shortened seconds "$seconds" 60
done_with

under_attack 'slow headers' -H -i 1
under_attack 'slow bodies' -B -i 1 -s 8192
under_attack 'slow reading' -X -w 1 -y 4 -n 1 -z 8 -k 1
under_attack 'overlapping ranges' -R

stop_all
finish
