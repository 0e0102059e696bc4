#!/bin/bash
# again.sh - three bootstrap peers and twenty others: when all three are killed
# the twenty go on, and each finds back with nothing but what it remembers.
# Runs alone: twenty-three peers need the machine.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Each is a user of a machine of its own: nobody's cache is another's.
lonely() {
    local name=$1
    shift
    peer "$name" --cache_file "$work/$name.json" "$@"
}

# remembers NAME COUNT - so many members stand in its cache.
remembers() {
    [ "$(jq '[.peers[] | select(.identity)] | length' "$work/$1.json" \
        2>/dev/null || echo 0)" -ge "$2" ]
}

begin 'three bootstrap peers and twenty others meet'
lonely boot1 --mode bootstrap
port=$(b_port boot1)
endpoints="--remote_endpoint 127.0.0.1:$port"
for i in 2 3; do
    # shellcheck disable=SC2086
    lonely "boot$i" --mode bootstrap $endpoints
    endpoints="$endpoints --remote_endpoint 127.0.0.1:$(b_port "boot$i")"
done
for i in {1..20}; do
    # shellcheck disable=SC2086
    lonely "p$i" --timeout 60 $endpoints
done
for i in {1..20}; do
    expect until_ok 60 grep -q 'you are in lobby' "$work/p$i.err"
done
tell p1 'we are all here'
for i in {2..20}; do
    expect sees "p$i" '<p1> we are all here$' 30
done
expect until_ok 30 remembers p7 5
done_with

begin 'all three are killed, and the twenty go on'
for i in 1 2 3; do
    slay "boot$i"
done
tell p2 'go on'
for i in 1 {3..20}; do
    expect sees "p$i" '<p2> go on$' 10
done
done_with

begin 'a newcomer with the old endpoints is told so'
# shellcheck disable=SC2086
lonely newcomer --timeout 3 $endpoints
ended newcomer 10
expect equal "$code" 4
expect grep -q 'no bootstrap peer answered: .*(connection refused)' \
    "$work/newcomer.err"
done_with

begin 'one of the twenty is back within 5 s with nothing but its cache'
close_input p7
ended p7 10
lonely p7
expect says p7 'you are in lobby \(([5-9]|1[0-9]|20) here\)' 5
tell p3 'welcome back'
expect sees p7 '<p3> welcome back$' 5
done_with

begin 'a new bootstrap peer started from the cache of one of them lets newcomers in'
cp "$work/p5.json" "$work/new.json"
lonely new --mode bootstrap --group lobby
expect says new 'you are in lobby \(([5-9]|1[0-9]|2[01]) here\)' 5
lonely first --remote_endpoint "127.0.0.1:$(b_port new)" --timeout 20
expect says first 'you are in lobby \((2[0-3]|1[0-9]) here\)' 20
tell first 'a new door'
expect sees p5 '<first> a new door$' 10
done_with

begin 'one of the twenty, back as a bootstrap peer, lets newcomers in'
slay p9
lonely p9 --mode bootstrap
expect says p9 'you are in lobby' 5
newport=$(b_port p9)
lonely late --remote_endpoint "127.0.0.1:$newport" --timeout 20
expect says late 'you are in lobby \((2[0-4]|1[0-9]) here\)' 20
tell late 'hello all'
for i in 1 7 20; do
    expect sees "p$i" '<late> hello all$' 10
done
done_with

finish
