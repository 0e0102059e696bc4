#!/bin/bash
# leaving.sh - every way out: what the others read, and the exit code.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'a peer to leave from'
peer alice --mode bootstrap --w_port 0 --b_port 0
port=$(b_port alice)
done_with

for signal in INT TERM HUP; do
    begin "SIG$signal: a leave, exit 0"
    peer "bob-$signal" --remote_endpoint "localhost:$port"
    expect says "bob-$signal" 'you are in lobby'
    kill -s "$signal" "${pid_of[bob-$signal]}"
    expect ends_with "bob-$signal" 0 5
    expect sees alice "<-- bob-$signal left"
    done_with
done

begin '/quit with a reason'
peer bob --remote_endpoint "localhost:$port"
tell bob '/quit tea is ready'
expect ends_with bob 0 5
expect sees alice '<-- bob left: tea is ready$'
done_with

begin 'who types nothing is warned, then leaves as idle'
peer bob --remote_endpoint "localhost:$port" --afk_timeout 2
expect says bob 'you have typed nothing for a while: in 1 s you leave' 5
expect ends_with bob 0 5
expect sees alice '<-- bob left: idle$'
done_with

begin 'who types stays'
began_at=$(now_ms)
peer bob --remote_endpoint "localhost:$port" --afk_timeout 2
expect says bob 'you have typed nothing' 5
tell bob 'still here'
expect ends_with bob 0 8
expect [ $(($(now_ms) - began_at)) -ge 3000 ]
done_with

begin 'a reader who goes away makes it leave'
mkfifo "$work/reader"
peer_into() {
    exec "$moot" --username bill --remote_endpoint "localhost:$port" \
        <"$work/bill.in" >"$work/reader" 2>"$work/bill.err" {reader}>&-
}
mkfifo "$work/bill.in"
exec {bill_in}<>"$work/bill.in" {reader}<>"$work/reader"
peer_into &
pid_of[bill]=$!
expect says bill 'you are in lobby'
exec {reader}>&-
tell alice 'can you hear me?'
expect ends_with bill 0 5
expect sees alice '<-- bill left'
exec {bill_in}>&-
done_with

begin 'a piped line that cannot be said is named, and the exit code is 1'
code=0
printf 'fine\n/nonsense\nfine too\n' |
    "$moot" --username carol --remote_endpoint "localhost:$port" \
        >"$work/carol.out" 2>"$work/carol.err" || code=$?
expect equal "$code" 1
expect grep -q 'there is no command /nonsense' "$work/carol.err"
expect sees alice '<carol> fine too$'
done_with

begin 'an interrupt during the join: exit 130'
process dave bash -c "exec '$moot' --username dave --timeout 60 \
    --remote_endpoint 192.0.2.255:9"
expect says dave 'asking 192.0.2.255:9'
kill -INT "${pid_of[dave]}"
expect ends_with dave 130 5
done_with

begin 'two signals end it at once, whoever is slow'
peer bob --remote_endpoint "localhost:$port"
expect says bob 'you are in lobby'
kill -STOP "${pid_of[alice]}"
kill -TERM "${pid_of[bob]}"
kill -INT "${pid_of[bob]}"
expect ends_with bob 0 2
kill -CONT "${pid_of[alice]}"
done_with

stop_all
finish
