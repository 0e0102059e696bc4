#!/bin/bash
# halves.sh - the cable between two machines with eight processes each is
# pulled, both halves talk on, and then the cable goes back in.
#
#     CUT_SECONDS=300 tests/system/halves.sh    as long as the campaign
#
# Runs alone: it measures.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

full=300
length=${CUT_SECONDS:-36} # less, and the cut is not noticed by all
left=(l1 l2 l3 l4 l5 l6 l7 l8)
right=(r1 r2 r3 r4 r5 r6 r7 r8)
names=("${left[@]}" "${right[@]}")
together='sixteen processes on two machines are together'
apart="cut apart for $length s, both halves talk on"
joined='the cable goes back in: equal digests within 10 s'
whole='what was said on both sides is the same everywhere, and all of it'

if ! spaces_work; then
    for sentence in "$together" "$apart" "$joined" "$whole"; do
        skip "$sentence" 'no network namespaces here'
    done
    finish
fi

# Two switches, and the cable between them.
ip link add br1 type bridge
ip link set br1 up
ip link add cable type veth peer name elbac
ip link set cable master br0 up
ip link set elbac master br1 up
space a 10.77.0.1 br0
space b 10.77.0.2 br1

begin "$together"
peer_in a l1 --mode bootstrap --w_port 0 --b_port 0
port=$(b_port l1)
for name in "${left[@]:1}"; do
    peer_in a "$name" --remote_endpoint "10.77.0.1:$port"
done
for name in "${right[@]}"; do
    peer_in b "$name" --remote_endpoint "10.77.0.1:$port"
done
for name in "${names[@]}"; do
    expect until_ok 30 linked "$name" 15
done
done_with

# chatter SECONDS - 40 lines a second: from each half in turn, stamped ones.
said=0
chatter() {
    local end=$(($(now_ms) + $1 * 1000))
    while [ "$(now_ms)" -lt "$end" ]; do
        stamp "${left[RANDOM % 8]}"
        stamp "${right[RANDOM % 8]}"
        said=$((said + 2))
        sleep 0.045
    done
}

# halved - each side has lost all eight of the other.
halved() {
    [ "$(times l1 'x-- r[1-8] lost')" -ge 8 ] &&
        [ "$(times r1 'x-- l[1-8] lost')" -ge 8 ]
}

begin "$apart"
shortened seconds "$length" "$full"
ip link set cable down
clock l8
clock r8
chatter "$length"
expect until_ok 36 halved
for half in l r; do
    for other in 2 8; do
        expect until_ok 10 agrees "$half$other" 7
    done
done
tell_lateness l8 'cut apart'
tell_lateness r8 'cut apart'
echo "    $said lines"
done_with

begin "$joined"
ip link set cable up
healed=$(now_ms)
# While they catch up somebody in each half still talks.
chatter 3
expect until_ok 7 agrees l2 15
expect until_ok 7 agrees r2 15
echo "    equal after $(($(now_ms) - healed)) ms"
expect [ $(($(now_ms) - healed)) -le 10000 ]
tell_lateness l8 'said in this half while they catch up' "$healed" l
tell_lateness r8 'said in this half while they catch up' "$healed" r
# What is said over there waits for the links to come up first.
tell_lateness l8 'said in the other half meanwhile' "$healed" r
tell_lateness r8 'said in the other half meanwhile' "$healed" l
done_with
for name in "${names[@]}"; do
    expect until_ok 5 agrees "$name" 15
done
stop_all

begin "$whole"
for name in "${names[@]}"; do
    expect verified "$name"
    expect equal "$(digest "$name")" "$(digest l1)"
    texts "$name" | sort >"$work/$name.texts"
    expect cmp "$work/$name.texts" "$work/l1.texts"
done
expect equal "$(wc -l <"$work/l1.texts")" "$said"
expect equal "$(uniq -d "$work/l1.texts")" ''
done_with

finish
