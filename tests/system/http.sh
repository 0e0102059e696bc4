#!/bin/bash
# http.sh - the side door for operators: every page by every method, what its
# answers hold, who may see them, and what no request does to a peer.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

paths='/ /bootstrap /health /peers /workers /metrics'
token=$(openssl rand -hex 32)
(umask 077 && echo "$token" >"$work/token")

# ask PATH OPTION... - what alice answers is in $work/body, what she says of it
# in $work/head, its status in $status: 000 when she hung up.
ask() {
    local path=$1
    shift
    status=$(curl -s -m 10 -o "$work/body" -D "$work/head" -w '%{http_code}' \
        "$@" "http://127.0.0.1:$boot$path") || true
}

# answers STATUS PATH OPTION...
answers() {
    local wanted=$1
    shift
    ask "$@"
    [[ $status =~ ^($wanted)$ ]] && return
    echo "    $*: $status"
    return 1
}

says_head() {
    grep -iqE "^$1" "$work/head"
}

# figure FAMILY - its value, "" when it is not there.
figure() {
    ask /metrics
    awk -v name="$1" '$1 == name { print $2 }' "$work/body"
}

# counts FAMILY VALUE [SECONDS]
counts() {
    counted() {
        [ "$(figure "$1")" = "$2" ]
    }
    until_ok "${3-5}" counted "$1" "$2" && return
    echo "    $1 is \"$(figure "$1")\", not $2"
    return 1
}

# send FORMAT [VALUE] - raw bytes for alice, and all that she answers.
send() {
    (
        trap '' PIPE # she may hang up in the middle of it
        exec 3<>"/dev/tcp/127.0.0.1/$boot"
        # shellcheck disable=SC2059 # they are meant to be read
        printf "$@" >&3 2>/dev/null
        timeout 10 cat <&3 2>/dev/null
    )
}

well() {
    answers 200 /health && equal "$(cat "$work/body")" ok
}

resident_kib() {
    awk '/^VmRSS:/ { print $2 }' "/proc/${pid_of[$1]}/status"
}

begin 'two peers, and a page that says what this is'
peer alice --mode bootstrap --b_port 0 --log_level info --log_format json
boot=$(b_port alice)
peer bob --remote_endpoint "127.0.0.1:$boot"
expect sees alice '--> bob joined'
expect answers 200 /
expect says_head 'Content-Type: text/html; charset=utf-8'
expect says_head "Content-Security-Policy: default-src 'none'"
expect grep -q 'a group chat' "$work/body"
expect well
done_with

begin 'each page takes GET and HEAD, and no other method'
for path in $paths; do
    expect answers 200 "$path"
    expect [ -s "$work/body" ]
    expect says_head 'Cache-Control: no-store'
    expect says_head 'X-Content-Type-Options: nosniff'
    : >"$work/body"
    expect answers 200 "$path" -I
    expect says_head 'Content-Length: [1-9]'
    for method in PUT DELETE PATCH OPTIONS TRACE CONNECT get XYZZY; do
        expect answers '405|400' "$path" -X "$method"
        [ "$status" = 400 ] || expect says_head 'Allow: GET, HEAD'
    done
    [ "$path" = /bootstrap ] || expect answers 405 "$path" -d x=1
done
for path in /x /bootstrap/ /Health /.. /peers/bob /metrics.txt '//' '/%2e%2e/'; do
    expect answers 404 "$path" --path-as-is
done
expect answers 4.. /bootstrap -d x=1
expect well
done_with

begin 'odd queries and escapes do no harm'
expect answers 200 '/health?'
expect answers 200 '/health?a=1&a=2&&=&%zz=%&b'
expect answers 200 '/bootstrap?nonce=00ff&unknown=%00%ff'
expect answers 200 '/%68ealth'
expect answers 200 '/peers?page=7'
expect answers 404 '/health%2f'
expect answers 404 '/%ff%fe%0a'
for nonce in xyz abc %22 "$(printf '%0130d' 0)" ; do
    expect answers 400 "/bootstrap?nonce=$nonce"
done
expect well
done_with

begin 'every JSON answer is JSON, and the members are in it'
for path in '/bootstrap?nonce=00ff' /peers /workers; do
    expect answers 200 "$path"
    expect says_head 'Content-Type: application/json'
    expect jq -e . "$work/body" >/dev/null
done
expect equal "$(jq -r '[.peers[].username] | sort | join(" ")' \
    "$work/body")" 'alice bob'
expect equal "$(jq '[.peers[] | select(.linked)] | length' "$work/body")" 1
expect jq -e '.last_updated | fromdateiso8601 > 1600000000' "$work/body" \
    >/dev/null
expect jq -e '[.peers[] | (.last_seen | fromdateiso8601) > 1600000000 and
    (.ip | test("^[0-9a-f.:]+$")) and .port > 0 and
    (.identity | test("^[0-9a-f]{64}$"))] | all' "$work/body" >/dev/null
done_with

# What a Blixard node would read: these four keys, each of its type, and an
# address is one that the standard library of Rust parses.
blixard='def addr: test("^([0-9]{1,3}\\.){3}[0-9]{1,3}:[0-9]{1,5}$") or
    test("^\\[[0-9a-f:.]+\\]:[0-9]{1,5}$");
    {node_id, p2p_node_id, p2p_addresses, p2p_relay_url} |
    (.node_id | type == "number" and . >= 0 and . == floor and . < 9007199254740992)
    and (.p2p_node_id | type == "string" and test("^[0-9a-f]{64}$"))
    and (.p2p_addresses | type == "array" and length > 0 and
        all(type == "string" and addr))
    and .p2p_relay_url == null'

begin 'a node that knows only four keys finds them first'
expect answers 200 /bootstrap
expect equal "$(jq -c 'keys_unsorted[:4]' "$work/body")" \
    '["node_id","p2p_node_id","p2p_addresses","p2p_relay_url"]'
expect jq -e "$blixard" "$work/body" >/dev/null
expect_not grep -Eq '"p2p_addresses":\[[^]]*"(0\.0\.0\.0|\[::\]):' "$work/body"
expect equal "$(jq -r .p2p_node_id "$work/body")" \
    "$(jq -r .identity "$work/body")"
# 64 digits are not enough: it has to be a key.
expect openssl pkey -pubin -inform DER -noout -in <(printf '%b' \
    "$(echo "302a300506032b6570032100$(jq -r .p2p_node_id "$work/body")" |
        sed 's/../\\x&/g')")
expect says_head 'Moot-Signature: [0-9a-f]{64}:[0-9a-f]{128}'
done_with

begin 'promtool has nothing to say about the figures'
expect answers 200 /metrics
expect says_head 'Content-Type: text/plain; version=0.0.4'
expect promtool check metrics <"$work/body" >"$work/lint" 2>&1
expect equal "$(cat "$work/lint")" ''
done_with

begin 'the figures count what happened'
expect counts 'moot_links{state="up"}' 1
expect counts moot_members 2
expect counts moot_joined 1
out=$(figure 'moot_lines_total{direction="out"}')
in=$(figure 'moot_lines_total{direction="in"}')
tell alice one two three
expect sees bob '<alice> three$'
tell bob four
expect sees alice '<bob> four$'
expect counts 'moot_lines_total{direction="out"}' $((out + 3))
expect counts 'moot_lines_total{direction="in"}' $((in + 1))
expect counts moot_store_waiting_entries 0
expect [ "$(figure moot_store_flush_seconds_count)" -gt 0 ]
expect [ "$(figure moot_link_sent_bytes_total)" -gt 100 ]
expect [ "$(figure moot_link_received_bytes_total)" -gt 100 ]
expect counts 'moot_joins_total{outcome="joined"}' 1
expect counts 'moot_member_events_total{event="joined"}' 1
expect [ -n "$(figure 'moot_refused_total{socket="bootstrap",reason="not_found"}')" ]
expect [ -n "$(figure 'moot_refused_total{socket="bootstrap",reason="method"}')" ]
expect [ "$(figure process_start_time_seconds | cut -d. -f1)" -le \
    "$(date +%s)" ]
slay bob
expect sees alice 'x-- bob lost'
expect counts 'moot_links{state="up"}' 0
expect counts 'moot_member_events_total{event="lost"}' 1
peer bob --remote_endpoint "127.0.0.1:$boot"
expect counts 'moot_links{state="up"}' 1
done_with

begin 'an idle loop does not stall'
awk_less() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'
}
stall=$(figure moot_loop_stall_seconds)
minute=$(figure moot_loop_stall_last_minute_seconds)
expect awk_less 0 "$stall"
expect awk_less 0 "$minute"
expect awk_less "$minute" 0.25
expect_not awk_less "$stall" "$minute"
echo "    longest turn: $stall s"
done_with

begin '1 MiB of header, of path, of body: refused, and nothing stays of it'
head -c 1048576 /dev/zero | tr '\0' a >"$work/mib"
(printf 'X: ' && cat "$work/mib" && echo) >"$work/header"
for _ in 1 2 3; do # what the first ones cost once is not counted
    ask /health -H "@$work/header"
done
memory=$(resident_kib alice)
for _ in $(seq 5); do
    for path in $paths; do
        expect answers '000|400|413|414|431' "$path" -H "@$work/header"
        expect answers '000|400|401|405|413' "$path" --data-binary "@$work/mib"
        expect answers '000|200|405|413' "$path" -X GET \
            --data-binary "@$work/mib"
    done
    expect equal "$(send 'GET /%s HTTP/1.1\r\n\r\n' "$(cat "$work/mib")" |
        head -c 12)" 'HTTP/1.1 414'
done
expect well
now=$(resident_kib alice)
expect [ "$now" -le $((memory + 1024)) ]
echo "    resident before and after: $memory KiB, $now KiB"
done_with

begin 'a pipeline, half a request and garbage'
ask_of='HTTP/1.1\r\nHost: x\r\n\r\n'
expect equal "$(send "GET /health ${ask_of}GET / ${ask_of}GET /peers $ask_of" |
    grep -ac '^HTTP/1')" 1
raw=()
for text in '\r\n\r\n' 'GET /health HTTP/9.9\r\n\r\n' '\0\0\0\0\r\n\r\n' \
    'GET /health HTTP/1.1\r\n\r\n' 'GET  HTTP/1.1\r\n\r\n' \
    'GET /health HTTP/1.0\r\n\r\n' 'GET\r\n\r\n' '\026\003\001\r\n\r\n' \
    'POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n' \
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n' \
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n'; do
    send "$text" >/dev/null & # those that say too little wait for their end
    raw+=($!)
done
expect well
wait "${raw[@]}"
expect well
expect alive alice
done_with

begin 'the log in JSON: every line reads, every event has its line'
tell alice /nick carol
slay bob
expect says alice '"event":"member_lost","username":"bob"'
grep '^{' "$work/alice.err" >"$work/log"
expect jq -e -s 'all(has("level") and has("ts") and has("event"))' \
    "$work/log" >/dev/null
expect equal "$(jq -c . "$work/log" | wc -l)" "$(wc -l <"$work/log")"
for event in started joined link_open link_up link_closed member_joined \
    member_lost refused_request; do
    expect grep -q "\"event\":\"$event\"" "$work/log"
done
expect jq -e -s 'map(select(.event == "link_open")) |
    all((.link | type) == "number" and (.identity | length) == 64)' \
    "$work/log" >/dev/null
expect jq -e -s 'map(select(.event == "refused_request")) | length > 0 and
    all(.socket == "bootstrap" and (.reason | test("^[a-z_]+$")))' \
    "$work/log" >/dev/null
leaves alice
expect jq -e -s '.[-1].event == "ended" and .[-1].code == 0' \
    <(grep '^{' "$work/alice.err") >/dev/null
done_with

begin 'with --b_auth the members and the figures are for who has the token'
peer alice --mode bootstrap --b_port 0 --b_auth "$work/token"
boot=$(b_port alice)
for path in /peers /workers /metrics; do
    expect answers 401 "$path"
    expect says_head 'WWW-Authenticate: Bearer realm="moot"'
    expect_not grep -q alice "$work/body"
    expect answers 401 "$path" -H "Authorization: Bearer ${token}0"
    expect answers 401 "$path" -H "Authorization: Bearer ${token%?}"
    expect answers 401 "$path" -u "moot:$token"
    expect answers 401 "$path?token=$token"
    expect answers 200 "$path" -H "Authorization: Bearer $token"
done
for path in / /health /bootstrap; do
    expect answers 200 "$path"
done
leaves alice
done_with

begin 'a token that others can read is refused at the start'
chmod 644 "$work/token"
peer alice --mode bootstrap --b_auth "$work/token"
expect ends_with alice 2 5
expect says alice 'can be read by others' 1
echo short >"$work/short"
chmod 600 "$work/short"
peer alice --mode bootstrap --b_auth "$work/short"
expect ends_with alice 2 5
expect says alice 'holds no token' 1
done_with

stop_all
finish
