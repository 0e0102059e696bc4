#!/bin/bash
# lying.sh - bootstrap peers that lie in twenty ways: with one honest one among
# them the join succeeds within 5 s and takes no more memory than without them;
# with none it fails, and says of each why.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

liar=$(dirname "$moot")/tools/liar

# lies WAY... - the options that name these liars.
lies() {
    local way
    for way in "$@"; do
        echo --remote_endpoint
        echo "127.0.0.1:$(awk -v w="$way" '$1 == w { print $2 }' \
            "$work/liar.out")"
    done
}

# peak NAME - the most memory it ever had, KiB.
peak() {
    awk '/^VmHWM/ { print $2 }' "/proc/${pid_of[$1]}/status"
}

# at_most NUMBER MAX
at_most() {
    [ "$1" -le "$2" ] && return
    echo "    $1 is more than $2"
    return 1
}

first='unsigned forged changed replayed nowhere tarpit crowd intruder
    stranger million'
second='trickle silent redirect bomb html not_http closed failing headers
    nested'

peer alice --mode bootstrap --group lobby
port=$(b_port alice)
peer bob --remote_endpoint "127.0.0.1:$port"
expect says bob 'you are in lobby \(2 here\)'
base=$(peak bob)
process liar "$liar" "$port"
until_ok 5 grep -q '^nested' "$work/liar.out"

for half in first second; do
    begin "ten liars ($half) do not keep anybody from one honest peer"
    # shellcheck disable=SC2046,SC2086
    peer "$half" --temp --timeout 20 $(lies ${!half}) \
        --remote_endpoint "127.0.0.1:$port"
    expect says "$half" 'you are in lobby \([34] here\)'
    took=$(($(now_ms) - began))
    expect at_most "$took" 5000
    expect at_most "$(peak "$half")" $((base + 16384))
    tell alice "hello $half"
    expect sees "$half" "<alice> hello $half\$"
    done_with
done

begin 'each of them alone is found out, and named with the reason'
declare -A reason=(
    [unsigned]='not signed' [forged]='not signed'
    [changed]='(not signed|makes no sense)' [replayed]='another question'
    [nowhere]='could not reach mallory' [tarpit]='could not reach mallory'
    [crowd]='could not reach mallory' [intruder]='could not reach mallory'
    [stranger]='could not reach mallory' [million]='a limit is reached'
    [trickle]='timed out' [silent]='timed out' [redirect]='points elsewhere'
    [bomb]='makes no sense' [html]='makes no sense'
    [not_http]='makes no sense' [closed]='reset' [failing]='HTTP error'
    [headers]='(reset|makes no sense)' [nested]='a limit is reached')
for way in $first $second; do
    # shellcheck disable=SC2046
    peer "$way" --temp --timeout 4 $(lies "$way")
done
for way in $first $second; do
    ended "$way" 10
    expect [ "$code" -ge 4 ]
    expect grep -Eq "${reason[$way]}" "$work/$way.err"
done
done_with

begin 'sixteen of them together: a reason for each'
# shellcheck disable=SC2046,SC2086
peer carol --temp --timeout 4 $(lies unsigned forged changed replayed million \
    $second)
ended carol 10
expect equal "$code" 4
for way in unsigned forged changed replayed million $second; do
    expect grep -q "$(lies "$way" | tail -n 1) (" "$work/carol.err"
done
done_with

finish
