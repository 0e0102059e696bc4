#!/bin/bash
# stop.sh - one of eight is stopped: after 20 seconds nobody minds, after half a
# minute it is dropped, and when it goes on it is back within five.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

names=(ann ben cid dan eve fay gus hal)
others=("${names[@]:0:6}")

begin 'eight peers meet'
peer ann --mode bootstrap --w_port 0 --b_port 0
port=$(b_port ann)
for name in "${names[@]:1}"; do
    peer "$name" --remote_endpoint "localhost:$port"
done
for name in "${names[@]:1}"; do
    expect sees ann "--> $name joined"
done
for name in "${names[@]}"; do
    tell "$name" "$name is here"
done
for name in "${names[@]}"; do
    for other in "${names[@]}"; do
        expect sees "$name" "<$other> $other is here\$"
    done
done
done_with

begin 'gus is stopped for 20 s: nobody drops him'
stopped=$(now_ms)
kill -STOP "${pid_of[gus]}" "${pid_of[hal]}"
tell ann 'they do not hear this yet'
passed_ms() {
    [ $(($(now_ms) - stopped)) -ge "$1" ]
}
until_ok 30 passed_ms 20000
kill -CONT "${pid_of[gus]}"
expect sees gus '<ann> they do not hear this yet$' 5
for name in "${others[@]}"; do
    expect equal "$(times "$name" 'x-- (gus|hal) lost')" 0
done
done_with

begin 'hal stays stopped: he is dropped after 30 s and before 35'
until_ok 20 passed_ms 29500
for name in "${others[@]}" gus; do
    expect equal "$(times "$name" 'x-- hal lost')" 0
done
for name in "${others[@]}" gus; do
    expect sees "$name" 'x-- hal lost' 8
done
took=$(($(now_ms) - stopped))
echo "    dropped by the last of them after $took ms"
expect [ "$took" -lt 35500 ]
tell ben 'he is gone'
done_with

begin 'he goes on, and is back within 5 s with all that was said'
kill -CONT "${pid_of[hal]}"
for line in '<ann> they do not hear this yet' '<ben> he is gone'; do
    expect sees hal "$line\$" 5
    expect equal "$(times hal "$line\$")" 1
done
tell hal 'here I am again'
for name in "${others[@]}" gus; do
    expect sees "$name" '<hal> here I am again$' 5
done
for name in "${others[@]}" gus; do
    expect equal "$(times "$name" 'x-- gus lost')" 0
    expect equal "$(times hal "x-- $name lost")" 0
done
done_with

stop_all
finish
