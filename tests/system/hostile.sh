#!/bin/bash
# hostile.sh - strangers at the door: nothing changes for those inside, the
# memory goes back to where it was, and each refusal has one line in the log.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

hostile=$root/build/release/tools/hostile
silent=200

resident_kib() {
    awk '/^VmRSS:/ { print $2 }' "/proc/${pid_of[alice]}/status"
}

# The files of the history are opened when they are first needed.
open_files() {
    find "/proc/${pid_of[alice]}/fd" -mindepth 1 \
        ! -lname '*/history.db*' | wc -l
}

# refusals - how many links the log says were refused, each with its reason.
# Above ten lines a second it counts: the next line says how many it left out.
refusals() {
    awk '/ event=refused socket=link .* why="[^"]+"/ { n++ }
        / event=refused socket=link / {
            if (match($0, /suppressed=[0-9]+/))
                n += substr($0, RSTART + 11)
        }
        END { print n + 0 }' "$work/alice.err"
}

# attack PORT MODE COUNT SECONDS - strangers; those at the welcoming socket are
# counted.
strangers=0
attack() {
    [ "$1" != "$port" ] || strangers=$((strangers + $3))
    "$hostile" "$@"
}

# each_told - every one of them is in the log.  One more makes it say what it
# has left out.
each_told() {
    attack "$port" garbage 1 5 >/dev/null
    [ "$(refusals)" = "$strangers" ]
}

# still_well LINE - the others still talk, at once.
still_well() {
    tell bob "$1"
    sees alice "<bob> $1\$" 1 && sees carol "<bob> $1\$" 1
}

begin 'three peers talk'
peer alice --mode bootstrap --w_port 0 --b_port 0 --log_level info
port=$(w_port alice)
boot=$(b_port alice)
peer bob --remote_endpoint "localhost:$boot"
expect sees alice '--> bob joined'
peer carol --remote_endpoint "localhost:$boot"
expect sees alice '--> carol joined'
expect sees bob '--> carol joined'
expect still_well 'before it all'
files=$(open_files)
done_with

# What the first strangers cost once (lists, a first handshake) is not counted.
attack "$port" garbage 64 15 >/dev/null
attack "$boot" garbage 64 15 >/dev/null
memory=$(resident_kib)

begin 'a port scan, garbage and a web browser at the door'
for at in "$port" "$boot"; do
    expect attack "$at" scan 500 1
    expect attack "$at" garbage 100 15
done
expect attack "$port" http 50 15
expect still_well 'after the noise'
done_with

begin "$silent silent connections are closed within their 10 s"
"$hostile" "$port" silent "$silent" 13 >"$work/silent" &
strangers=$((strangers + silent))
waiting=$!
expect still_well 'while they are silent'
expect wait "$waiting"
sed 's/^/    /' "$work/silent"
done_with

begin 'one byte a second does not buy more time'
"$hostile" "$port" trickle 50 13 >"$work/trickle" &
strangers=$((strangers + 50))
waiting=$!
expect still_well 'while they trickle'
expect wait "$waiting"
sed 's/^/    /' "$work/trickle"
done_with

openssl req -x509 -newkey ed25519 -nodes -subj /CN=x -keyout "$work/key" \
    -out "$work/cert" 2>/dev/null

# handshake OPTION... - a TLS client; what it is told is in $work/tls.
handshake() {
    strangers=$((strangers + 1))
    timeout 15 openssl s_client -connect "127.0.0.1:$port" -tls1_3 "$@" \
        >"$work/tls" 2>&1
}

begin 'TLS without a certificate, and with another protocol, is refused'
handshake -alpn moot/1 </dev/null
expect says alice 'why="it has no certificate"' 2
handshake -alpn http/1.1 -cert "$work/cert" -key "$work/key" </dev/null
expect says alice 'why="it speaks another protocol' 2
expect still_well 'after bad handshakes'
done_with

begin 'a length prefix of 2^31 ends the connection, and takes no memory'
printf '\200\000\000\000moot' >"$work/long"
handshake -quiet -no_ign_eof -alpn moot/1 \
    -cert "$work/cert" -key "$work/key" <"$work/long"
expect says alice 'why="a frame of a forbidden length"' 2
expect still_well 'after the long frame'
done_with

begin 'everything is given back, and the log says why each was refused'
given_back() {
    [ "$(open_files)" -le "$files" ]
}
expect until_ok 15 given_back
expect [ "$(resident_kib)" -le $((memory + 4096)) ]
echo "    resident before and after: $memory KiB, $(resident_kib) KiB"
expect until_ok 10 each_told
echo "    strangers: $strangers, in the log: $(refusals)"
expect equal "$(grep -Ec 'x-- ' "$work/alice.out")" 0
done_with

stop_all
finish
