#!/bin/bash
# dns.sh - a name alone leads to bootstrap peers, by SRV and TXT records of a DNS
# server on the loopback; the priorities hold, the dead are passed over, and a
# name that leads nowhere is told so.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

# free_port - one that nobody has for the moment.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        port_taken "$port" || ! ss -Hlun "sport = :$port" | grep -q . || continue
        ss -Hltun "sport = :$port" | grep -q . || break
    done
    echo "$port"
}

answers_dns() {
    grep -q 'started' "$work/dnsmasq.err"
}

# serve RECORD... - the server, with these records and no others.
serve() {
    [ -z "${pid_of[dnsmasq]-}" ] || slay dnsmasq
    close_input dnsmasq 2>/dev/null
    process dnsmasq dnsmasq --keep-in-foreground --log-facility=- --no-resolv \
        --no-hosts --port="$dns" --listen-address=127.0.0.1 --bind-interfaces \
        --conf-file=/dev/null --pid-file= --user=root --group=root \
        --no-daemon --log-queries --local=/test/ "$@"
    expect until_ok 5 answers_dns
}

# newcomer NAME HOST [OPTION...] - joins by a name alone.
newcomer() {
    local name=$1 host=$2
    shift 2
    # It knows nobody of before.
    peer "$name" --temp --remote_endpoint "$host" \
        --dns_server "127.0.0.1:$dns" "$@"
}

dns=$(free_port)
here='address=/one.test/two.test/127.0.0.1'
peer alice --mode bootstrap --bind 127.0.0.1
first=$(b_port alice)
peer bob --mode bootstrap --bind 127.0.0.1 --remote_endpoint "127.0.0.1:$first"
second=$(b_port bob)
expect sees alice '--> bob joined'

begin 'an SRV record leads to a bootstrap peer'
serve "--$here" "--srv-host=_moot._tcp.chat.test,one.test,$first,10,0"
newcomer carol chat.test
expect sees alice '--> carol joined'
tell carol 'by a name'
expect sees alice '<carol> by a name$'
leaves carol
done_with

begin 'a TXT record does, too'
serve "--$here" "--txt-record=chat.test,v=spf1 -all" \
    "--txt-record=chat.test,moot=two.test:$second"
newcomer dave chat.test
expect sees alice '--> dave joined'
leaves dave
done_with

begin 'the lower priority is asked first, and when it is dead the next'
dead=$(free_port)
serve "--$here" "--srv-host=_moot._tcp.chat.test,two.test,$second,20,0" \
    "--srv-host=_moot._tcp.chat.test,one.test,$dead,10,0"
began=$(now_ms)
newcomer erin chat.test --log_level debug
expect sees alice '--> erin joined'
echo "    in after $(($(now_ms) - began)) ms"
expect says erin "event=ask_failed.*port=$dead" 1
leaves erin
# Turned around the dead one is not even needed.
serve "--$here" "--srv-host=_moot._tcp.chat.test,two.test,$second,10,0" \
    "--srv-host=_moot._tcp.chat.test,one.test,$dead,20,0"
newcomer frank chat.test --log_level debug
expect sees alice '--> frank joined'
expect_not grep -q "event=ask_failed.*port=$dead" "$work/frank.err"
leaves frank
done_with

begin 'a name without such records is told apart from one that is silent'
serve "--$here" --txt-record=other.test,hello
newcomer grace other.test --timeout 3
ends_with grace 4 10 || expect false
expect says grace 'other.test \(has no SRV or TXT record of a group' 1
close_input grace
slay dnsmasq
newcomer heidi other.test --timeout 2
ends_with heidi 4 10 || expect false
expect_not grep -q 'has no SRV' "$work/heidi.err"
expect says heidi 'other.test \((connection refused|timed out)' 1
close_input heidi
done_with

begin 'a host and a port are asked as ever, whatever the DNS says'
newcomer ivan "127.0.0.1:$first"
expect sees alice '--> ivan joined'
leaves ivan
done_with

stop_all
finish
