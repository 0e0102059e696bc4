#!/bin/bash
# many.sh - 64 processes on one machine: each says ten lines, all show all of
# them exactly once.  PEERS=16 does it with fewer.
#
# Runs alone: it measures.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

count=${PEERS:-64}
names=()
for ((i = 1; i <= count; i++)); do
    names+=("p$i")
done

cpu_ms() {
    local name total=0 user system
    for name in "${names[@]}"; do
        read -r _ _ _ _ _ _ _ _ _ _ _ _ _ user system _ \
            <"/proc/${pid_of[$name]}/stat"
        total=$((total + user + system))
    done
    echo $((total * 1000 / $(getconf CLK_TCK)))
}

# of_all FIELD - least and most of a field of /proc/PID/status.
of_all() {
    local name
    for name in "${names[@]}"; do
        sed -n "s/^$1:[[:space:]]*\([0-9]*\).*/\1/p" \
            "/proc/${pid_of[$name]}/status"
    done | sort -n | sed -n '1p; $p' | paste -sd ' ' | sed 's/ / to /'
}

begin "$count processes make a complete mesh"
started=$(now_ms)
peer p1 --mode bootstrap --w_port 0 --b_port 0
port=$(b_port p1)
for name in "${names[@]:1}"; do
    peer "$name" --remote_endpoint "localhost:$port"
done
for name in "${names[@]}"; do
    expect until_ok 60 linked "$name" $((count - 1))
done
echo "    complete after $(($(now_ms) - started)) ms"
done_with

begin 'each says ten lines, and all show all of them exactly once'
before=$(cpu_ms)
started=$(now_ms)
for ((i = 1; i <= 10; i++)); do
    for name in "${names[@]}"; do
        tell "$name" "line $i of $name"
    done
done
all=$((count * 10))
shown_all() {
    [ "$(times "$1" '> line [0-9]+ of p[0-9]+$')" -ge "$all" ]
}
for name in "${names[@]}"; do
    expect until_ok 60 shown_all "$name"
done
took=$(($(now_ms) - started))
used=$(($(cpu_ms) - before))
for name in "${names[@]}"; do
    expect equal "$(grep -Eo 'line [0-9]+ of p[0-9]+$' "$work/$name.out" |
        sort | uniq -c | awk '$1 != 1 { bad++ } END { print NR, bad + 0 }')" \
        "$all 0"
done
echo "    $((all * count)) lines shown in $took ms," \
    "$((used * 1000 / (all * count))) us of CPU each"
echo "    resident KiB: $(of_all VmRSS); threads: $(of_all Threads)"
done_with

stop_all
finish
