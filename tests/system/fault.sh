#!/bin/bash
# fault.sh - somebody on the list cannot be reached: dead, or out of reach.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

begin 'a listed peer that dies meanwhile keeps nobody out'
peer alice --mode bootstrap --w_port 0 --b_port 0
port=$(b_port alice)
peer bob --mode bootstrap --w_port 0 --b_port 0 \
    --remote_endpoint "localhost:$port"
expect sees alice '--> bob joined'
# Stopped, he is still on the list, and answers nobody.
kill -STOP "${pid_of[bob]}"
peer carol --mode standard --w_port 0 --remote_endpoint "localhost:$port"
expect mentions carol 'waiting for bob' 5
slay bob
expect sees alice 'x-- bob lost' 2
expect sees alice '--> carol joined' 8
tell carol 'I am in'
expect sees alice '<carol> I am in$' 5
done_with
stop_all

begin 'a listed peer that has stopped answering keeps nobody out either'
peer alice --mode bootstrap --w_port 0 --b_port 0
port=$(b_port alice)
peer bob --mode bootstrap --w_port 0 --b_port 0 \
    --remote_endpoint "localhost:$port"
expect sees alice '--> bob joined'
kill -STOP "${pid_of[bob]}"
peer carol --mode standard --w_port 0 --remote_endpoint "localhost:$port"
expect sees alice '--> carol joined' 10
kill -CONT "${pid_of[bob]}"
# He was stopped for a few seconds only: he is met, and hears it all.
tell carol 'bob, are you there?'
expect sees bob '<carol> bob, are you there[?]$' 10
done_with
stop_all

out_of_reach='one who is alive but out of reach keeps the newcomer out: exit 5'
partly='with --join partial it stays, and hears everybody'
if ! spaces_work; then
    skip "$out_of_reach" 'no network namespaces here'
    skip "$partly" 'no network namespaces here'
    finish
fi

begin "$out_of_reach"
space a 10.77.0.1
space b 10.77.0.2
space c 10.77.0.3
cut_off b 10.77.0.3
peer_in a alice --mode bootstrap --w_port 8081 --b_port 8080
expect b_port alice >/dev/null
peer_in b bob --mode standard --remote_endpoint 10.77.0.1:8080
expect sees alice '--> bob joined'
peer_in c carol --remote_endpoint 10.77.0.1:8080 --timeout 8
expect ends_with carol 5 14
expect mentions carol 'bob.*(timed out|no answer)' 0
expect_not sees alice '--> carol joined' 0
done_with

begin "$partly"
peer_in c dave --remote_endpoint 10.77.0.1:8080 --join partial
expect sees alice '--> dave joined' 15
tell alice 'hello dave'
expect sees dave '<alice> hello dave$' 5
tell bob 'can you hear me?'
expect sees dave '<bob> can you hear me[?]$' 10
tell dave 'by way of alice'
expect sees bob '<dave> by way of alice$' 10
done_with

stop_all
finish
