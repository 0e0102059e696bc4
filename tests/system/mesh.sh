#!/bin/bash
# mesh.sh - eight peers started at once through two bootstrap peers: within 5 s
# everybody is linked to everybody.  ROUNDS=50 does it fifty times.
#
# Runs alone: the 5 seconds are of a machine that has nothing else to do.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-5}
names=(ann ben cid dan eve fay gus hal)
slowest=0

for ((round = 1; round <= rounds; round++)); do
    begin "eight peers at once, round $round of $rounds"
    started=$(now_ms)
    peer ann --mode bootstrap --w_port 0 --b_port 0
    first=$(b_port ann)
    peer ben --mode bootstrap --w_port 0 --b_port 0 \
        --remote_endpoint "localhost:$first"
    second=$(b_port ben)
    for name in cid dan eve; do
        peer "$name" --remote_endpoint "localhost:$first"
    done
    for name in fay gus hal; do
        peer "$name" --remote_endpoint "localhost:$second"
    done
    for name in "${names[@]}"; do
        left=$((5000 - ($(now_ms) - started)))
        expect until_ok $((left > 0 ? (left + 999) / 1000 : 0)) \
            linked "$name" 7
    done
    took=$(($(now_ms) - started))
    expect [ "$took" -le 5000 ]
    [ "$took" -gt "$slowest" ] && slowest=$took
    stop_all
    done_with
    rm -f "$work"/*.out "$work"/*.err
done

echo "the slowest round took $slowest ms"
finish
