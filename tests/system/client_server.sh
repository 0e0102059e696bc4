#!/bin/bash
# client_server.sh - the only bootstrap peer is killed: the others talk on, and
# nobody new can come in.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'two standard peers meet through one bootstrap peer'
peer alice --mode bootstrap --w_port 0 --b_port 0
port=$(b_port alice)
peer bob --mode standard --w_port 0 --remote_endpoint "localhost:$port"
expect sees alice '--> bob joined'
peer carol --mode standard --w_port 0 --remote_endpoint "localhost:$port"
expect sees alice '--> carol joined'
expect sees bob '--> carol joined'
done_with

begin 'the others notice its death within a second, and see a loss'
slay alice
expect sees bob 'x-- alice lost' 1
expect sees carol 'x-- alice lost' 1
expect_not sees bob '<-- alice left' 0
done_with

begin 'they go on talking'
tell bob 'she is gone'
expect sees carol '<bob> she is gone$' 2
tell carol 'so she is'
expect sees bob '<carol> so she is$' 2
done_with

begin 'a newcomer finds no bootstrap peer: exit 4, and says which and why'
peer dave --mode standard --w_port 0 --remote_endpoint "localhost:$port" \
    --timeout 2
expect ends_with dave 4 6
expect mentions dave "localhost:$port.*refused" 0
done_with

stop_all
finish
