#!/bin/bash
# stop.sh - one of eight is stopped: it is dropped after half a minute, and when
# it goes on it is back within five seconds.  One of three, stopped for 20 s
# meanwhile, is not dropped by anybody.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Two groups, since who was stopped himself counts from his own waking: he
# would go on vouching for the other one.
eight=(ann ben cid dan eve fay gus hal)
three=(ida jon kay)

# meet NAME... - they make a group, and each hears each.
meet() {
    local port name other
    peer "$1" --mode bootstrap --w_port 0 --b_port 0
    port=$(b_port "$1")
    for name in "${@:2}"; do
        peer "$name" --remote_endpoint "localhost:$port"
    done
    for name in "$@"; do
        tell "$name" "$name is here"
    done
    for name in "$@"; do
        for other in "$@"; do
            expect sees "$name" "<$other> $other is here\$"
        done
    done
    for name in "$@"; do
        expect until_ok 5 linked "$name" $(($# - 1))
    done
}

begin 'eight peers meet, and three others'
meet "${eight[@]}"
meet "${three[@]}"
done_with

stopped=$(now_ms)
passed_ms() {
    [ $(($(now_ms) - stopped)) -ge "$1" ]
}
kill -STOP "${pid_of[hal]}" "${pid_of[kay]}"
tell ann 'hal does not hear this yet'
tell ida 'nor does kay'

begin 'one who is stopped for 20 s is not dropped'
until_ok 30 passed_ms 20000
kill -CONT "${pid_of[kay]}"
expect sees kay '<ida> nor does kay$' 5
tell kay 'now I do'
for name in "${three[@]}"; do
    expect sees "$name" '<kay> now I do$' 5
    expect equal "$(times "$name" 'x-- ')" 0
    expect equal "$(times "$name" 'through others')" 0
done
done_with

begin 'one who stays stopped is dropped after 30 s and before 35'
until_ok 20 passed_ms 29900
for name in "${eight[@]:0:7}"; do
    expect equal "$(times "$name" 'x-- hal lost')" 0
done
for name in "${eight[@]:0:7}"; do
    expect sees "$name" 'x-- hal lost' 8
done
took=$(($(now_ms) - stopped))
echo "    dropped by the last of them after $took ms"
expect [ "$took" -lt 35000 ]
tell ben 'he is gone'
done_with

begin 'he goes on, and is back within 5 s with all that was said'
woken=$(now_ms)
kill -CONT "${pid_of[hal]}"
for line in '<ann> hal does not hear this yet' '<ben> he is gone'; do
    expect sees hal "$line\$" 5
    expect equal "$(times hal "$line\$")" 1
done
tell hal 'here I am again'
for name in "${eight[@]:0:7}"; do
    expect sees "$name" '<hal> here I am again$' 5
    expect until_ok 5 linked "$name" 7
done
took=$(($(now_ms) - woken))
echo "    back after $took ms"
expect [ "$took" -le 5000 ]
for name in "${eight[@]:0:7}"; do
    expect equal "$(times hal "x-- $name lost")" 0
done
for name in "${three[@]}"; do
    expect equal "$(times "$name" 'x-- ')" 0
done
done_with

stop_all
finish
