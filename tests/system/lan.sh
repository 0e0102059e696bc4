#!/bin/bash
# lan.sh - machines on one local network find a group they know by beacon, with
# no address given; who does not know it learns nothing from a beacon.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"
unset MOOT_LAN

found='two machines that know a group find each other with no address'
off='with --lan off they do not'
late='a machine that gets its network later is found'
alien='a group that is not known is left alone, also one of the same name'
nothing='a beacon holds no name, no key and nothing that comes again'
six='a machine with IPv6 only and one with both meet'
link='machines that have link-local addresses only meet'
public='on an interface with a public address alone nothing is sent'

if ! spaces_work; then
    for sentence in "$found" "$off" "$late" "$alien" "$nothing" "$six" \
        "$link" "$public"; do
        skip "$sentence" 'no network namespaces here'
    done
    finish
fi

# space6 NAME ADDRESS... - a namespace with these addresses and no others; one
# without any has what the kernel gives it, a link-local one.
space6() {
    local name=$1 holder address
    shift
    unshare -n sleep infinity &
    holder=$!
    pid_of[space-$name]=$holder
    space_of[$name]=$holder
    until_ok 5 other_network "$holder"
    ip link add "v$name" type veth peer name e0 netns "$holder"
    ip link set "v$name" master br0 up
    within "$name" ip link set lo up
    for address in "$@"; do
        within "$name" ip address add "$address" dev e0
    done
    within "$name" ip link set e0 up
    until_ok 5 settled "$name"
}

# settled NAME - its addresses have been found to be its own (RFC 4862, 5.4).
settled() {
    within "$1" ip -6 address show dev e0 scope link | grep -q inet6 &&
        ! within "$1" ip -6 address show dev e0 tentative | grep -q inet6
}

# alone_in SPACE NAME OPTION... - a peer with an address book of its own, which
# is empty: nothing but a beacon leads it anywhere.
books=0
alone_in() {
    books=$((books + 1))
    peer_in "$@" --cache_file "$work/book$books"
}

# meet NAME OTHER... - these profiles come to know one group, on machine a.
meet() {
    local first=$1 name port
    shift
    alone_in a "$first" --mode bootstrap --bind 127.0.0.1 --b_port 0 --lan off
    port=$(b_port "$first")
    for name in "$@"; do
        alone_in a "$name" --bind 127.0.0.1 --lan off \
            --remote_endpoint "127.0.0.1:$port"
        expect sees "$first" "--> $name joined"
    done
    tell "$first" "hello all"
    for name in "$@"; do
        expect sees "$name" "<$first> hello all\$"
    done
    for name in "$first" "$@"; do
        leaves "$name"
    done
}

joined_ms() {
    echo "    found after $(($(now_ms) - $1)) ms"
}

space a 10.77.0.1
space b 10.77.0.2
space c 10.77.0.3

begin "$found"
meet alice bob carol
nsenter -t "${space_of[c]}" -n tcpdump -i e0 -U -w "$work/beacons" \
    -s 0 'udp port 26668' 2>"$work/tcpdump.err" &
pid_of[tcpdump]=$!
until_ok 5 grep -qs 'listening on' "$work/tcpdump.err"
alone_in a alice
expect says alice 'you are in lobby'
began=$(now_ms)
alone_in b bob
expect sees alice '--> bob joined' 5
expect sees bob '--> alice joined' 5
joined_ms "$began"
tell bob 'no address at all'
expect sees alice '<bob> no address at all$'
done_with

begin "$off"
# That it would be seen if they did: the two above did within 5 s.
alone_in c carol --lan off
expect says carol 'you are in lobby'
quiet_since=$(now_ms)
passed_ms() {
    [ $(($(now_ms) - quiet_since)) -ge "$1" ]
}
until_ok 10 passed_ms 7000
expect_not grep -q -- '--> carol' "$work/alice.out"
expect_not grep -q -- '--> alice' "$work/carol.out"
leaves carol
alone_in c carol
expect sees carol '--> alice joined' 5
expect sees alice '--> carol joined' 5
done_with

begin "$alien"
# Another lobby, of one of whom nobody has heard.
alone_in c mallory --w_port 9999
expect says mallory 'you are in lobby'
quiet_since=$(now_ms)
until_ok 10 passed_ms 4000
expect_not grep -q -- '-->' "$work/mallory.out"
expect_not grep -q -- 'mallory' "$work/alice.out"
leaves mallory
done_with

begin "$nothing"
kill -INT "${pid_of[tcpdump]}"
wait "${pid_of[tcpdump]}" 2>/dev/null
unset "pid_of[tcpdump]"
tcpdump -r "$work/beacons" -nn -x 2>/dev/null >"$work/beacons.txt"
count=$(grep -c 'UDP, length 35' "$work/beacons.txt")
echo "    $count beacons"
expect [ "$count" -ge 6 ]
expect_not grep -q 'UDP, length [^3]' "$work/beacons.txt"
# Not even their beginnings.
group=$("$moot" history --json --username alice 2>/dev/null |
    sed -n '1s/.*"group":"\([0-9a-f]*\)".*/\1/p')
author=$("$moot" history --json --username alice 2>/dev/null |
    sed -n '1s/.*"author":"\([0-9a-f]*\)".*/\1/p')
expect [ ${#group} -eq 64 ]
expect [ ${#author} -eq 64 ]
tr -d ' \n' <<<"$(sed -n 's/^.*0x[0-9a-f]*: *//p' "$work/beacons.txt")" \
    >"$work/beacons.hex"
for known in "${group:0:8}" "${author:0:8}" \
    "$(printf 'lobby' | od -An -tx1 | tr -d ' \n')" \
    "$(printf 'alice' | od -An -tx1 | tr -d ' \n')"; do
    expect_not grep -q "$known" "$work/beacons.hex"
done
# Hop limit 1, in both families.
tcpdump -r "$work/beacons" -nn -v 2>/dev/null >"$work/beacons.v"
expect grep -q 'ttl 1,' "$work/beacons.v"
expect grep -q 'hlim 1,' "$work/beacons.v"
expect_not grep -Eq 'ttl ([2-9]|1[0-9])|hlim ([2-9]|1[0-9])' "$work/beacons.v"
done_with

begin "$late"
leaves carol
ip link set vc down
alone_in c carol
expect says carol 'you are in lobby'
ip link set vc up
began=$(now_ms)
expect sees carol '--> alice joined' 8
expect sees alice '--> carol joined' 8
joined_ms "$began"
done_with
leaves alice
leaves bob
leaves carol

begin "$six"
space6 d fd77::4/64
space6 e fd77::5/64 10.77.0.5/24
meet dora emil
alone_in d dora
alone_in e emil
expect sees dora '--> emil joined' 5
expect sees emil '--> dora joined' 5
tell dora 'by IPv6'
expect sees emil '<dora> by IPv6$'
leaves dora
leaves emil
done_with

begin "$link"
space6 i
space6 j
alone_in i dora
alone_in j emil
expect sees dora '--> emil joined' 5
expect sees emil '--> dora joined' 5
tell emil 'with no address but that of the cable'
expect sees dora '<emil> with no address but that of the cable$'
leaves dora
leaves emil
done_with

begin "$public"
space6 h 198.51.100.8/24
nsenter -t "${space_of[h]}" -n tcpdump -i e0 -U -w "$work/public" \
    -s 0 'udp port 26668' 2>"$work/public.err" &
pid_of[tcpdump]=$!
until_ok 5 grep -qs 'listening on' "$work/public.err"
alone_in h dora
expect says dora 'you are in lobby'
quiet_since=$(now_ms)
until_ok 10 passed_ms 3000
leaves dora
alone_in h dora --lan on
expect says dora 'you are in lobby'
began_on=$(now_ms)
beaconed() {
    tcpdump -r "$work/public" -nn 2>/dev/null | grep -q 'length 35'
}
expect until_ok 5 beaconed
first=$(tcpdump -r "$work/public" -tt -nn 2>/dev/null |
    sed -n '1s/\([0-9]*\)\.\([0-9]\{3\}\).*/\1\2/p')
expect [ "${first:-0}" -ge $((began_on - 2000)) ]
leaves dora
kill -INT "${pid_of[tcpdump]}"
wait "${pid_of[tcpdump]}" 2>/dev/null
unset "pid_of[tcpdump]"
done_with

stop_all
finish
