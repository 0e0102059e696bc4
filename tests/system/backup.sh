#!/bin/bash
# backup.sh - old copies of a profile, twice the same profile, and somebody who
# tells different things to different people: no fork but the last one's, and
# no line lost.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

twofaced=$root/build/release/tools/twofaced
profiles=$XDG_DATA_HOME/moot

# once_everywhere LINE... - it is once in the transcripts of alice, bob, carol.
once_everywhere() {
    local name line
    for name in alice bob carol; do
        texts "$name" >"$work/texts"
        for line in "$@"; do
            equal "$(grep -Fxc -- "$line" "$work/texts")" 1 || {
                echo "    \"$line\" at $name"
                return 1
            }
        done
    done
}

# all_alike - three profiles that verify, with one digest and no fork.
all_alike() {
    local name
    for name in alice bob carol; do
        verified "$name" && unforked "$name" &&
            equal "$(digest "$name")" "$(digest bob)" || return 1
    done
}

# alike - three digests that are equal.  Mallory is not asked for his.
alike() {
    [ "$(digest alice)" = "$(digest bob)" ] &&
        [ "$(digest carol)" = "$(digest bob)" ]
}

# two_histories - all three know, and say so.
two_histories() {
    local name
    for name in alice bob carol; do
        "$moot" verify --username "$name" | grep -q 'two histories: 1 ' ||
            return 1
    done
}

settled() {
    two_histories && alike
}

join() {
    relive "$1" --remote_endpoint "localhost:$port"
}

begin 'three are together, and alice makes a backup of her profile'
peer bob --mode bootstrap --w_port 0 --b_port 0
port=$(b_port bob)
peer carol --remote_endpoint "localhost:$port"
peer alice --remote_endpoint "localhost:$port"
expect until_ok 10 linked alice 2
tell alice 'in the backup'
expect sees carol '<alice> in the backup$'
expect until_ok 10 agrees alice 2
leaves alice
cp -a "$profiles/alice" "$work/backup"
join alice
expect until_ok 10 linked alice 2
tell alice 'not in the backup'
tell bob 'neither is this'
expect sees carol '<alice> not in the backup$'
expect sees alice '<bob> neither is this$'
expect until_ok 10 agrees alice 2
done_with

begin 'the backup is restored under the running group'
leaves alice
rm -rf "$profiles/alice"
cp -a "$work/backup" "$profiles/alice"
join alice
expect until_ok 10 agrees alice 2
tell alice 'after the restoration'
expect sees carol '<alice> after the restoration$'
expect until_ok 10 agrees alice 2
expect once_everywhere 'in the backup' 'not in the backup' \
    'neither is this' 'after the restoration'
expect all_alike
done_with

begin 'it is restored while nobody newer is reachable, and brought together later'
leaves alice
rm -rf "$profiles/alice"
cp -a "$work/backup" "$profiles/alice"
relive alice --mode bootstrap --w_port 0 --b_port 0
tell alice 'all alone'
expect sees alice '<alice> all alone$'
tell bob 'without alice'
expect sees carol '<bob> without alice$'
leaves alice
relive alice --mode bootstrap --w_port 0 --b_port 0 \
    --remote_endpoint "localhost:$port"
expect until_ok 10 linked alice 2
expect until_ok 10 agrees alice 2
tell alice 'together again'
expect sees carol '<alice> together again$'
expect until_ok 10 agrees alice 2
expect once_everywhere 'in the backup' 'not in the backup' 'all alone' \
    'without alice' 'after the restoration' 'together again'
expect all_alike
done_with

begin 'a second process with the same profile is refused, and told who has it'
process second "$moot" --username alice --remote_endpoint "localhost:$port"
expect ends_with second 1 5
expect grep -q "held by process ${pid_of[alice]}[; ]" "$work/second.err"
expect alive alice
done_with

begin 'the same profile twice on two disks: one is here at a time, nothing is lost'
cp -a "$profiles/alice" "$work/clone"
rm -f "$work/clone/history.db-shm"
process clone "$moot" --username alice --data_dir "$work/clone" \
    --remote_endpoint "localhost:$port"
expect says clone 'you are in lobby' 10
for i in 1 2 3 4 5; do
    tell clone "clone $i"
    tell alice "original $i"
done
expect sees clone '<alice> clone 5$'
expect sees alice '<alice> original 5$'
expect sees bob 'clone 5$'
kill -TERM "${pid_of[clone]}"
expect ends_with clone 0 10
expect until_ok 20 linked bob 2
expect until_ok 20 agrees alice 2
expect once_everywhere 'clone 1' 'clone 5' 'original 1' 'original 5'
expect all_alike
expect unforked alice --data_dir "$work/clone"
done_with

begin 'a run with two histories ends at one place everywhere, within 10 s'
process mallory "$twofaced" "$port" "$(w_port alice)" "$(w_port bob)" \
    "$(w_port carol)"
expect sees mallory '^told$' 10
told=$(now_ms)
expect until_ok 10 settled
echo "    alike after $(($(now_ms) - told)) ms"
for name in alice bob carol; do
    expect verified "$name"
    texts "$name" >"$work/texts"
    expect grep -qx 'before the fork' "$work/texts"
    expect_not grep -q 'another thing' "$work/texts"
    expect mentions "$name" 'two histories'
done
done_with

begin 'the identity goes on in its next run'
tell mallory again
expect sees mallory '^again$' 10
for name in alice bob carol; do
    expect sees "$name" 'after the fork$' 10
done
expect until_ok 10 alike
done_with

stop_all
finish
