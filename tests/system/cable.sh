#!/bin/bash
# cable.sh - three machines on one switch; one of them loses its cable for a
# minute and gets it back.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

pulled='a cable is pulled for 60 s: dropped, and back within 5 s'
if ! spaces_work; then
    skip "$pulled" 'no network namespaces here'
    finish
fi

begin 'three peers on three machines meet'
space a 10.77.0.1
space b 10.77.0.2
space c 10.77.0.3
peer_in a alice --mode bootstrap --w_port 8081 --b_port 8080
expect b_port alice >/dev/null
peer_in b bob --remote_endpoint 10.77.0.1:8080
expect sees alice '--> bob joined'
peer_in c carol --remote_endpoint 10.77.0.1:8080
expect sees alice '--> carol joined'
expect sees bob '--> carol joined'
done_with

begin "$pulled"
cut=$(now_ms)
passed_ms() {
    [ $(($(now_ms) - cut)) -ge "$1" ]
}
ip link set vc down
tell alice 'without carol'
tell carol 'without the others'
expect sees alice 'x-- carol lost' 36
expect sees bob 'x-- carol lost' 2
until_ok 70 passed_ms 60000
ip link set vc up
healed=$(now_ms)
expect sees carol '<alice> without carol$' 5
expect sees alice '<carol> without the others$' 5
expect sees bob '<carol> without the others$' 5
echo "    back after $(($(now_ms) - healed)) ms"
for line in '<alice> without carol' '<carol> without the others'; do
    for name in alice bob carol; do
        expect equal "$(times "$name" "$line\$")" 1
    done
done
done_with

stop_all
finish
