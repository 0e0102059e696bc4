#!/bin/bash
# handover.sh - what somebody said who has left comes from those who heard it.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'alice says five lines to carol, and both leave'
peer carol --mode bootstrap --w_port 0 --b_port 0
peer alice --remote_endpoint "localhost:$(b_port carol)"
expect sees carol '--> alice joined'
for i in 1 2 3 4 5; do
    tell alice "word $i of alice"
done
expect sees carol '<alice> word 5 of alice$'
expect until_ok 5 agrees carol 1
leaves alice
leaves carol
kept=$(transcript carol)
done_with

begin 'carol gives them to bob, who held nothing, marked as earlier'
relive carol --mode bootstrap --w_port 0 --b_port 0
peer bob --remote_endpoint "localhost:$(b_port carol)"
expect sees bob '<alice> word 5 of alice$'
for i in 1 2 3 4 5; do
    expect equal "$(times bob "^earlier .*<alice> word $i of alice\$")" 1
    expect equal "$(times bob "<alice> word $i of alice\$")" 1
done
expect until_ok 10 agrees carol 1
done_with

begin 'what bob keeps is signed by alice, and the same'
leaves bob
leaves carol
expect verified bob
expect equal "$(digest bob)" "$(digest carol)"
expect equal "$(transcript bob)" "$kept"
expect equal "$(texts bob)" "$(printf 'word %d of alice\n' 1 2 3 4 5)"
done_with

finish
