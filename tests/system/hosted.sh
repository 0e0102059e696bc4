#!/bin/bash
# hosted.sh - one peer that is always on is the meeting place of many groups.
#
# GROUPS_COUNT groups of GROUP_SIZE members each meet at it: the member with the
# lowest identity is killed in half of them and stopped in the others, the
# hosting peer is started anew, half of the groups die, and a flood of
# FLOOD_RATE registrations a second is offered from another address.
#
# Runs alone: it measures.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

count=${GROUPS_COUNT:-4}
size=${GROUP_SIZE:-3}
watched=${WATCH_SECONDS:-36}
rate=${FLOOD_RATE:-10000}
flood_seconds=${FLOOD_SECONDS:-5}
flood=${moot%/moot}/tools/flood
options=(--mode bootstrap --w_port 0 --bind 127.0.0.1 --group house
    --host_groups "$count" --max_members "$size")

url() {
    echo "http://127.0.0.1:$port/bootstrap?group=$1"
}

# listing GROUP - what the directory says of it.
listing() {
    curl -s --max-time 5 "$(url "$1")"
}

is_listed() {
    [ "$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' "$(url "$1")")" \
        = 200 ]
}

is_forgotten() {
    [ "$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' "$(url "$1")")" \
        = 404 ]
}

lists_count() {
    [ "$(listing "$1" | jq '.members | length')" = "$2" ]
}

id_of() {
    listing "$1" | jq -r .group.id
}

# lowest GROUP - the username of the member with the lowest identity.
lowest() {
    listing "$1" | jq -r '.members | sort_by(.identity)[0].username'
}

resident_kib() {
    sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' \
        "/proc/${pid_of[host]}/status"
}

# snapshot GROUP... - a line for each that is listed: its name, and its members.
snapshot() {
    local group urls=()
    for group in "$@"; do
        urls+=("$(url "$group")")
    done
    curl -sf --max-time 20 "${urls[@]}" |
        jq -r '[.group.name] + [.members[].username] | join(" ")'
}

# missing GROUP... - how many of them are not listed now.
missing() {
    echo $(($# - $(snapshot "$@" | wc -l)))
}

groups=()
for ((i = 1; i <= count; i++)); do
    groups+=("g$i")
done

begin "$count groups of $size meet at a peer that is in none of them"
peer host "${options[@]}" --b_port 0
port=$(b_port host)
started=$(now_ms)
for group in "${groups[@]}"; do
    peer "$group-1" --remote_endpoint "localhost:$port" --group "$group" \
        --timeout 60
done
for group in "${groups[@]}"; do
    expect mentions "$group-1" "you are in $group" 60
done
for ((k = 2; k <= size; k++)); do
    for group in "${groups[@]}"; do
        peer "$group-$k" --remote_endpoint "localhost:$port" \
            --group "$group" --timeout 60
    done
done
for group in "${groups[@]}"; do
    for ((k = 1; k <= size; k++)); do
        expect until_ok 90 linked "$group-$k" $((size - 1))
    done
    expect until_ok 30 lists_count "$group" "$size"
done
echo "    complete after $(($(now_ms) - started)) ms;" \
    "the hosting peer takes $(resident_kib) KiB"
done_with

begin 'a line said in one group is read there and nowhere else'
tell g1-1 'only for g1'
expect sees g1-2 'only for g1$' 10
expect_not grep -q 'only for g1' "$work/g2-1.out" "$work/host.out"
done_with

begin 'one group too many is told that the directory is full'
peer late --remote_endpoint "localhost:$port" --group another
expect ends_with late 6 15
expect says late 'its group directory is full' 1
done_with

begin 'who names another directory, too, meets there'
peer spare "${options[@]}" --b_port 0
other=$(b_port spare)
for name in late later; do
    peer "$name" --remote_endpoint "localhost:$port" \
        --remote_endpoint "localhost:$other" --group another
    expect says "$name" 'you are in another'
done
expect until_ok 10 linked later 1
for name in later late; do
    leaves "$name"
done
done_with

begin 'a dead directory beside a live one does not keep a group from beginning'
peer gone "${options[@]}" --b_port 0
dead=$(b_port gone)
slay gone
peer first --remote_endpoint "localhost:$dead" \
    --remote_endpoint "localhost:$other" --group fresh
expect says first 'you are in fresh' 5
expect says first "nothing came of localhost:$dead" 1
peer gone "${options[@]}" --b_port "$dead"
port=$dead expect until_ok 30 is_listed fresh
leaves first
done_with

begin 'a group that is behind a silent one is come to when that speaks again'
peer there --remote_endpoint "localhost:$dead" --group quiet
expect says there 'you are in quiet' 5
kill -STOP "${pid_of[gone]}"
peer here --remote_endpoint "localhost:$dead" \
    --remote_endpoint "localhost:$other" --group quiet
expect says here 'you are in quiet' 8
expect linked here 0
kill -CONT "${pid_of[gone]}"
expect until_ok 30 linked here 1
tell here 'found you'
expect sees there 'found you$' 10
for name in here there gone spare; do
    leaves "$name"
done
done_with

begin 'one member too many is told that the group is full'
peer late --remote_endpoint "localhost:$port" --group g1
expect ends_with late 6 15
expect says late 'it has no room for one more' 1
done_with

begin "the lowest members are killed or stopped: no group is ever forgotten"
declare -A leader=()
for group in "${groups[@]}"; do
    leader[$group]=$(lowest "$group")
done
declare -A died_at=()
i=0
for group in "${groups[@]}"; do
    name=${leader[$group]}
    if ((i++ % 2)); then
        slay "$name"
    else
        kill -STOP "${pid_of[$name]}"
    fi
    died_at[$name]=$(now_ms)
done
died=$(now_ms)
gaps=0
looks=0
slowest=0
while [ $(($(now_ms) - died)) -lt $((watched * 1000)) ]; do
    looked=$(now_ms)
    snapshot "${groups[@]}" >"$work/seen"
    gaps=$((gaps + count - $(wc -l <"$work/seen")))
    looks=$((looks + 1))
    dead_listed=0
    for name in "${!died_at[@]}"; do
        grep -q " $name\b" "$work/seen" || continue
        dead_listed=$((dead_listed + 1))
        took=$((looked - died_at[$name]))
        [ "$took" -le "$slowest" ] || slowest=$took
    done
    sleep 0.2 # what is watched for must not happen at any moment
done
expect equal "$gaps" 0
expect equal "$dead_listed" 0
expect test "$slowest" -lt 35000
echo "    $looks looks at all $count, $gaps times one was missing; the last of" \
    "the dead was listed for $slowest ms"
done_with

begin 'a stopped member that goes on is listed again'
for group in "${groups[@]}"; do
    name=${leader[$group]}
    [ -n "${pid_of[$name]-}" ] && kill -CONT "${pid_of[$name]}"
done
for group in "${groups[@]}"; do
    want=$((size - 1))
    [ -n "${pid_of[${leader[$group]}]-}" ] && want=$size
    expect until_ok 60 lists_count "$group" "$want"
done
done_with

begin 'a hosting peer that starts anew has all groups again, under their ids'
declare -A id=()
for group in "${groups[@]}"; do
    id[$group]=$(id_of "$group")
done
slay host
peer host "${options[@]}" --b_port "$port"
started=$(now_ms)
for group in "${groups[@]}"; do
    expect until_ok 60 is_listed "$group"
done
echo "    all are back $(($(now_ms) - started)) ms after the start"
for group in "${groups[@]}"; do
    expect equal "$(id_of "$group")" "${id[$group]}"
    want=$((size - 1))
    [ -n "${pid_of[${leader[$group]}]-}" ] && want=$size
    expect until_ok 30 lists_count "$group" "$want"
done
done_with

begin 'groups that die are forgotten within 20 s, and no others'
dead=()
alive=()
i=0
for group in "${groups[@]}"; do
    if ((i++ % 2)); then
        alive+=("$group")
        continue
    fi
    dead+=("$group")
    for ((k = 1; k <= size; k++)); do
        [ -n "${pid_of[$group-$k]-}" ] && slay "$group-$k"
    done
done
died=$(now_ms)
for group in "${dead[@]}"; do
    expect until_ok 20 is_forgotten "$group"
done
took=$(($(now_ms) - died))
expect test "$took" -lt 20500
expect equal "$(missing "${alive[@]}")" 0
echo "    ${#dead[@]} were forgotten within $took ms"
done_with

begin "$rate registrations a second do not disturb the honest"
before=$(resident_kib)
speaker=
for ((k = 1; k <= size; k++)); do
    name=${alive[0]}-$k
    [ -n "${pid_of[$name]-}" ] || continue
    [ -z "$speaker" ] && speaker=$name && continue
    reader=$name
done
clock "$reader"
"$flood" "$port" "$rate" "$flood_seconds" >"$work/flood.txt" &
flooding=$!
gaps=0
said=0
began_flood=$(now_ms)
while kill -0 "$flooding" 2>/dev/null; do
    stamp "$speaker"
    said=$((said + 1))
    n=$(missing "${alive[@]}")
    gaps=$((gaps + n))
    sleep 0.1 # a line now and then
done
wait "$flooding"
after=$(resident_kib)
heard_all() {
    [ "$(lateness "$reader" "$began_flood" | cut -d' ' -f1)" -ge "$said" ]
}
expect until_ok 10 heard_all
expect equal "$gaps" 0
expect equal "$(missing "${alive[@]}")" 0
expect test "$((after - before))" -lt 16384
echo "    $(cat "$work/flood.txt") in $flood_seconds s;" \
    "resident $before KiB before, $after after"
tell_lateness "$reader" 'a chat meanwhile' "$began_flood"
for group in "${alive[@]}"; do
    expect until_ok 10 is_listed "$group"
done
done_with

shortened groups "$count" 100
stop_all
finish
