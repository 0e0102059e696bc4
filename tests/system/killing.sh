#!/bin/bash
# killing.sh - eight peers talk while random ones are killed with -9 and
# started again: nothing that was shown as sent is lost, nothing comes twice.
#
#     KILL_SECONDS=600 tests/system/killing.sh    as long as the campaign
#     SEED=7 tests/system/killing.sh              the same victims again
#
# Runs alone: it keeps the machine busy.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

full=600
length=${KILL_SECONDS:-20}
gap_us=20000 # between two lines: 50 a second, whoever says them
names=(p1 p2 p3 p4 p5 p6 p7 p8)
seed=${SEED:-$$}
RANDOM=$seed

declare -A said=() life=() port_of=() inside=() due=()
kills=0

now_us() {
    now=${EPOCHREALTIME/[.,]/}
}

# be_born NAME - it starts, by way of all who are in.
be_born() {
    local name=$1 other ways=()
    for other in "${names[@]}"; do
        [ -z "${inside[$other]-}" ] ||
            ways+=(--remote_endpoint "localhost:${port_of[$other]}")
    done
    life[$name]=$((${life[$name]-0} + 1))
    said[$name]=0
    relive "$name" --mode bootstrap --w_port 0 --b_port 0 "${ways[@]}"
}

# look - who has come in meanwhile?
look() {
    local name
    for name in "${names[@]}"; do
        if [ -z "${inside[$name]-}" ] && [ -n "${pid_of[$name]-}" ] &&
            grep -q 'you are in ' "$work/$name.err"; then
            port_of[$name]=$(b_port "$name")
            inside[$name]=yes
        fi
    done
}

all_inside() {
    look
    [ ${#inside[@]} -eq ${#names[@]} ]
}

# strike - kills one to three at once; somebody who is in always stays.
strike() {
    local wanted=$((1 + RANDOM % 3)) name
    while [ "$wanted" -gt 0 ]; do
        wanted=$((wanted - 1))
        name=${names[RANDOM % ${#names[@]}]}
        [ -n "${pid_of[$name]-}" ] || continue
        [ -z "${inside[$name]-}" ] || [ ${#inside[@]} -gt 2 ] || continue
        slay "$name"
        close_input "$name"
        unset "inside[$name]"
        kills=$((kills + 1))
        due[$name]=$((now + RANDOM % 3000 * 1000))
    done
}

# wake - starts those whose time has come; with "all" the others, too.
wake() {
    local name
    for name in "${!due[@]}"; do
        [ "${1-}" = all ] || [ "$now" -ge "${due[$name]}" ] || continue
        unset "due[$name]"
        be_born "$name"
    done
}

# say_one - one line by anybody who is in.
say_one() {
    local here=("${!inside[@]}") name
    [ ${#here[@]} -gt 0 ] || return
    name=${here[RANDOM % ${#here[@]}]}
    said[$name]=$((said[$name] + 1))
    lines=$((lines + 1))
    tell "$name" "$name/${life[$name]}/${said[$name]}."
}

begin "${#names[@]} peers are together"
for name in "${names[@]}"; do
    be_born "$name"
    expect until_ok 10 grep -q 'you are in ' "$work/$name.err"
    look
done
done_with

begin "they talk for $length s while random ones are killed (SEED=$seed)"
shortened seconds "$length" "$full"
exec {never}<> <(:)
now_us
end=$((now + length * 1000000))
next_line=$now
next_look=$now
next_kill=$((now + 1000000))
lines=0
while [ "$now" -lt "$end" ]; do
    if [ "$now" -ge "$next_line" ]; then
        next_line=$((next_line + gap_us))
        say_one
    fi
    if [ "$now" -ge "$next_look" ]; then
        next_look=$((now + 100000))
        look
        wake
    fi
    if [ "$now" -ge "$next_kill" ]; then
        next_kill=$((now + 500000 + RANDOM % 2000 * 1000))
        strike
    fi
    now_us
    [ "$now" -ge "$next_line" ] || read -rt 0.005 -u "$never"
    now_us
done
echo "    $lines lines, $kills kills"
for name in "${names[@]}"; do
    [ -n "${due[$name]-}" ] || expect alive "$name"
done
done_with

begin 'all of them hold the same 10 s after the last one is back'
wake all
expect until_ok 20 all_inside
healed=$(now_ms)
expect until_ok 10 agrees p1 7
echo "    after $(($(now_ms) - healed)) ms"
for name in "${names[@]}"; do
    expect until_ok 5 agrees "$name" 7
done
done_with
stop_all

begin 'all profiles verify, and their digests are equal'
for name in "${names[@]}"; do
    expect verified "$name"
    expect equal "$(digest "$name")" "$(digest p1)"
    expect unforked "$name"
    texts "$name" >"$work/$name.texts"
    transcript "$name" >"$work/$name.json"
    expect cmp "$work/$name.json" "$work/p1.json"
done
done_with

begin 'nothing that was shown as sent is missing, and nothing is there twice'
for name in "${names[@]}"; do
    sent "$name" | grep -E "^$name/[0-9]+/[0-9]+\.$"
done | sort -u >"$work/sent"
echo "    shown as sent: $(wc -l <"$work/sent")," \
    "in the transcript: $(wc -l <"$work/p1.texts")"
expect [ -s "$work/sent" ]
for name in "${names[@]}"; do
    expect equal "$(sort "$work/$name.texts" | uniq -d)" ''
    expect equal "$(sort -u "$work/$name.texts" |
        comm -23 "$work/sent" -)" ''
done
done_with

finish
