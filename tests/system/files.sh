#!/bin/bash
# files.sh - a link is an open file: a peer sees to it that it may have as many
# as a full group needs, and says so when it may not.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# limited HARD SOFT NAME OPTION... - a peer that begins with these limits.
limited() {
    local hard=$1 soft=$2 name=$3
    shift 3
    # shellcheck disable=SC2016 # for the shell in between
    process "$name" bash -c 'ulimit -Sn "$1" && ulimit -Hn "$2" && shift 2 &&
        exec "$@"' - "$soft" "$hard" "$moot" --username "$name" "$@"
}

# may_open NAME - how many files it may have open.
may_open() {
    awk '/^Max open files/ { print $4 }' "/proc/${pid_of[$1]}/limits"
}

begin 'a peer that may open few files at first lets itself open more'
limited 4096 64 alice --mode bootstrap --w_port 0 --b_port 0
port=$(b_port alice)
expect [ "$(may_open alice)" -ge 2304 ]
expect_not says alice 'open here' 0
done_with

begin 'one that must not says so, and is a peer nevertheless'
limited 200 64 bob --remote_endpoint "localhost:$port"
expect says bob '^moot: only 200 files may be open here'
expect says bob 'you are in lobby'
tell bob 'here I am'
expect sees alice '<bob> here I am$'
expect equal "$(may_open bob)" 200
done_with

begin 'without many links, few files are open'
expect sees alice '--> bob joined'
for name in alice bob; do
    expect [ "$(find "/proc/${pid_of[$name]}/fd" -type l | wc -l)" -le 40 ]
done
done_with

finish
