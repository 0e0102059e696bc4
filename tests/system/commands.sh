#!/bin/bash
# commands.sh - the commands by which moot was asked for, word for word.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

# started NAME OPTION... - the program asks for a name and gets it by a pipe.
started() {
    local name=$1
    shift
    process "$name" "$moot" "$@"
    tell "$name" "$name"
    expect w_port "$name" >/dev/null
}

# each_talks - a line typed at each is shown at all, once; those of the time
# before carry a mark, which these do not.  One's own may show that it is not on
# the disk yet.
each_talks() {
    local name other
    for name in alice bob carol; do
        tell "$name" "a line of $name"
    done
    for name in alice bob carol; do
        for other in alice bob carol; do
            expect sees "$name" "^[0-9: -]*(· )?<$other> a line of $other\$" 10
            expect equal "$(times "$name" "^[0-9].*> a line of $other\$")" 1
        done
    done
}

each_leaves() {
    local name
    for name in carol bob alice; do
        tell "$name" /quit
        expect ends_with "$name" 0 5
    done
    stop_all
}

if port_taken 8080 || port_taken 8081; then
    skip 'the commands as they stand' 'ports 8080 and 8081 are in use here'
    finish
fi

begin 'three bootstrap peers, started as the document says'
started alice --mode bootstrap --w_port 8081 --b_port 8080
expect says alice 'Welcoming socket listening on port 8081 at '
expect says alice 'Bootstrap socket listening on port 8080 at '
started bob --mode bootstrap --w_port 8083 --b_port 8082 \
    --remote_endpoint localhost:8080
expect sees alice '--> bob joined'
started carol --mode bootstrap --w_port 8085 --b_port 8084 \
    --remote_endpoint localhost:8080
expect sees alice '--> carol joined'
expect sees bob '--> carol joined'
each_talks
each_leaves
done_with

begin 'the third may ask the second instead'
started alice --mode bootstrap --w_port 8081 --b_port 8080
started bob --mode bootstrap --w_port 8083 --b_port 8082 \
    --remote_endpoint localhost:8080
expect sees alice '--> bob joined'
started carol --mode bootstrap --w_port 8085 --b_port 8084 \
    --remote_endpoint localhost:8082
expect sees alice '--> carol joined'
expect sees bob '--> carol joined'
each_talks
each_leaves
done_with

begin 'one bootstrap peer and two standard ones'
started alice --mode bootstrap --w_port 8081 --b_port 8080
started bob --mode standard --w_port 8083 --remote_endpoint localhost:8080
expect sees alice '--> bob joined'
started carol --mode standard --w_port 8085 --remote_endpoint localhost:8080
expect sees alice '--> carol joined'
expect sees bob '--> carol joined'
each_talks
each_leaves
done_with

finish
