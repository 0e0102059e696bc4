#!/bin/bash
# closed.sh - a closed group: who has the secret comes in, and everybody else is
# refused and learns nothing, however often he tries.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

tools=$root/build/release/tools
invited() {
    local name=$1 string=$2
    shift 2
    MOOT_INVITE=$string peer "$name" --lan off --cache_file none "$@"
}

# watch NAME - what goes over this network from now on, in $work/NAME.pcap.
watch() {
    : >"$work/$1.tcpdump"
    tcpdump -i lo -U -s 0 -w "$work/$1.pcap" 'tcp' 2>"$work/$1.tcpdump" &
    pid_of[tcpdump]=$!
    until_ok 10 grep -q 'listening on' "$work/$1.tcpdump"
}

# watched NAME - no more of it.
watched() {
    kill -INT "${pid_of[tcpdump]}"
    wait "${pid_of[tcpdump]}" 2>/dev/null
    unset "pid_of[tcpdump]"
    [ -s "$work/$1.pcap" ]
}

# on_wire NAME TEXT - these bytes went by.
on_wire() {
    grep -aqF -- "$2" "$work/$1.pcap"
}

# refused NAME WHY - it ends with exit code 6 and says so, and saw nobody.
refused() {
    ends_with "$1" 6 15 && grep -q -- "$2" "$work/$1.err" &&
        ! grep -Eq 'alicia|bobby|a secret plan' "$work/$1.out" "$work/$1.err"
}

if [ -z "$own_network" ]; then
    skip 'what goes over the wire is watched' 'no network namespaces here'
    finish
fi

begin 'what the capture of an open group shows, so that it would show more'
peer alicia --temp --group parlour --mode bootstrap --b_port 0 --lan off
open=$(b_port alicia)
watch open
expect curl -sf -o "$work/answer" "http://127.0.0.1:$open/bootstrap"
expect until_ok 5 on_wire open '"username":"alicia"'
expect watched open
expect on_wire open parlour
expect on_wire open "127.0.0.1:$(w_port alicia)"
leaves alicia
done_with

begin 'a closed group is founded, and who is invited comes in'
process proxy "$tools/record" "$work/hello"
expect until_ok 5 test -s "$work/proxy.out"
proxy=$(cat "$work/proxy.out")
watch closed
peer alicia --private --group parlour --mode bootstrap --b_port 0 --lan off \
    --cache_file none --log_level info --advertise "127.0.0.1:$proxy"
boot=$(b_port alicia)
port=$(w_port alicia)
tell proxy "$port"
expect says alicia 'this group is closed'
invite() {
    "$moot" invite --username alicia 2>/dev/null
}
expect until_ok 5 invite >/dev/null
string=$(invite)
invited bobby "$string"
expect sees alicia '--> bobby joined'
tell bobby 'a secret plan'
expect sees alicia '<bobby> a secret plan$'
done_with

begin 'a secret is not taken from the command line'
"$moot" join "$string" --username eve --temp </dev/null >"$work/argv" 2>&1
expect equal $? 2
done_with

begin 'who has no secret is refused'
peer eve --temp --lan off --remote_endpoint "127.0.0.1:$boot"
expect refused eve 'this group is closed: an invitation is needed'
for page in peers workers metrics; do
    expect equal "$(curl -s -m 10 -o "$work/page" -w '%{http_code}' \
        "127.0.0.1:$boot/$page")" 403
    expect_not grep -Eq 'alicia|bobby|moot_members' "$work/page"
done
done_with

begin 'a recorded handshake is worth nothing'
expect test -s "$work/hello"
replay() {
    exec {fd}<>"/dev/tcp/127.0.0.1/$port"
    cat "$work/hello" >&"$fd"
    timeout 12 cat <&"$fd" >"$work/replayed"
    exec {fd}>&-
}
refusals=$(grep -c 'event=refused socket=link' "$work/alicia.err")
replay 2>/dev/null
more_refusals() {
    [ "$(grep -c 'event=refused socket=link' "$work/alicia.err")" -gt \
        "$refusals" ]
}
expect until_ok 12 more_refusals
expect_not grep -aEq 'alicia|bobby|parlour|plan' "$work/replayed"
done_with

begin 'an old secret is worth nothing after /rekey'
invited carol "$string"
expect sees alicia '--> carol joined'
leaves carol
expect sees alicia '<-- carol left'
tell alicia /rekey
expect mentions alicia 'the group has a new secret'
expect sees bobby "alicia changed the group's secret: 2 can come in"
peer carol --group parlour --lan off --cache_file none \
    --remote_endpoint "127.0.0.1:$boot"
expect refused carol 'the secret does not fit'
invited dave "$string" --temp
expect refused dave 'the secret does not fit'
done_with

begin 'who was away when it was changed, and had not left, comes back'
slay bobby
expect sees alicia 'x-- bobby lost' 60
tell alicia /rekey
expect sees alicia "alicia changed the group's secret: 2 can come in"
relive bobby --group parlour --lan off --cache_file none \
    --remote_endpoint "127.0.0.1:$boot"
expect sees alicia '--> bobby is back|--> bobby joined' 15
tell alicia 'welcome back'
expect sees bobby '<alicia> welcome back$'
expect "$moot" invite --username bobby >"$work/new" 2>/dev/null
done_with

begin 'a fresh invitation fits'
invited dave "$(invite)" --temp
expect sees alicia '--> dave joined'
leaves dave
done_with

begin 'a wrong secret is refused'
peer mallory --private --group parlour --mode bootstrap --b_port 0 --lan off \
    --cache_file none --temp
other=$(b_port mallory)
expect says mallory 'this group is closed'
tell mallory /invite
expect mentions mallory 'moot://'
wrong=$(grep -Eoh 'moot://[^ ]*' "$work/mallory.out" "$work/mallory.err" |
    head -n 1)
leaves mallory
leaves alicia
peer alicia --private --group parlour --mode bootstrap --b_port "$other" \
    --lan off --cache_file none --log_level info
port=$(w_port alicia)
boot=$other
expect says alicia 'you are in parlour' 15
invited eve "$wrong" --temp
expect refused eve 'the secret does not fit'
done_with

begin 'who finds only one who was left out is told so'
leaves bobby
relive bobby --group parlour --mode bootstrap --b_port 0 --lan off \
    --cache_file none --remote_endpoint "127.0.0.1:$boot"
expect sees alicia '--> bobby joined'
door=$(b_port bobby)
tell alicia '/rekey without bobby'
expect sees alicia 'x-- bobby lost: the group has a new secret, which is not'
leaves alicia
relive alicia --private --group parlour --lan off --cache_file none \
    --timeout 2 --remote_endpoint "127.0.0.1:$door"
expect ends_with alicia 4 15
expect mentions alicia \
    "nobody who is still in the group answered: 127.0.0.1:$door .the group has"
leaves bobby
relive alicia --private --group parlour --mode bootstrap --b_port "$other" \
    --lan off --cache_file none --log_level info
port=$(w_port alicia)
expect says alicia 'you are in parlour' 15
invited bobby "$(invite)"
expect sees alicia '--> bobby (joined|is back)'
done_with

begin 'it is resumed with its secret, and found again'
leaves bobby
relive bobby --group parlour --lan off --cache_file none \
    --remote_endpoint "127.0.0.1:$boot"
expect sees alicia '--> bobby joined'
done_with

begin 'nothing of it was on the wire'
expect watched closed
for text in alicia bobby carol parlour 'a secret plan' 'welcome back' \
    username addresses "127.0.0.1:$proxy" "$(invite | sed 's/.*#//')"; do
    expect_not on_wire closed "$text"
done
expect on_wire closed '"sealed":"'
done_with

tries=10000
begin "$tries wrong tries do not disturb the members"
clock alicia
clock bobby
(
    while [ ! -e "$work/stop" ]; do
        stamp alicia
        stamp bobby
        sleep 0.1
    done
) &
talker=$!
since=$(now_ms)
try_all() {
    local i jobs=() bad=0
    for i in {1..16}; do
        "$tools/wrong" "$port" $((tries / 16)) >"$work/wrong.$i" &
        jobs+=($!)
    done
    for i in "${jobs[@]}"; do
        wait "$i" || bad=1
    done
    return "$bad"
}
expect try_all
awk '{ n += $1; r += $3; t += $5 }
    END { print n " tries, " r " refused, " t " turned away" }' \
    "$work"/wrong.* >"$work/wrongs"
echo "    $(cat "$work/wrongs") after $(($(now_ms) - since)) ms"
touch "$work/stop"
wait "$talker"
last() {
    [ "$(wc -l <"$work/alicia.ms")" -ge 10 ] &&
        [ "$(wc -l <"$work/bobby.ms")" -ge 10 ]
}
expect until_ok 10 last
tell_lateness alicia 'during it' "$since" bobby
tell_lateness bobby 'during it' "$since" alicia
read -r _ _ _ most <<<"$(lateness bobby "$since" alicia)"
expect [ "$most" -lt 1000 ]
expect_not grep -Eq 'x-- (alicia|bobby)' "$work/alicia.out"
turned_away=$(sed -n 's/.* \([0-9]*\) turned away.*/\1/p' "$work/wrongs")
expect [ "$turned_away" -gt $((tries / 2)) ]
done_with

stop_all
finish
