#!/bin/bash
# cache.sh - whom a peer met is remembered in one file for all processes of a
# user: it is there soon, whole whoever is killed, and no chat needs it.
#
#     HAMMER_SECONDS=120 tests/system/cache.sh    as long as the campaign

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

cache=$XDG_CACHE_HOME/moot/peers.json
length=${HAMMER_SECONDS:-3}
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
hammer=$(dirname "$moot")/tools/hammer

# entry NAME PATTERN - a line of the file is about this user, and like this.
entry() {
    grep -Fs "\"username\": \"$1\"" "$cache" | grep -Eq -- "$2"
}

# whole - the file is JSON from the first to the last byte.
whole() {
    jq -e '.peers | length >= 1' "$cache" >/dev/null 2>&1
}

# aside COUNT - so many damaged files are kept.
aside() {
    equal "$(find "$(dirname "$cache")" -name 'peers.json.corrupt-*' | wc -l)" \
        "$1"
}

begin "fifty processes change it and are killed with the lock in their hands"
shortened seconds "$length" 120
mkdir "$work/hammer"
echo "    SEED=$seed"
expect nice "$hammer" "$work/hammer/peers.json" "$length" 50 "$seed"
expect [ -z "$(find "$work/hammer" -name '*corrupt*')" ]
done_with

begin 'who was met is in the file a moment later: where, who, in which group'
peer alice --mode bootstrap
port=$(b_port alice)
wport=$(w_port alice)
peer bob --remote_endpoint "localhost:$port"
expect says bob 'you are in lobby \(2 here\)'
expect until_ok 5 entry alice "\"port\": $wport, .*\"success_count\": 1, "
expect entry alice '"identity": "[0-9a-f]{64}"'
expect entry alice '"group": "[0-9a-f]{64}", "group_name": "lobby"'
expect entry alice "\"bootstrap\": \"[^\"]*:$port\""
expect equal "$(stat -c %a "$cache")" 600
expect whole
done_with

begin 'who is killed with -9 has left a whole file'
slay bob
slay alice
expect whole
expect entry alice "\"port\": $wport, "
close_input bob
close_input alice
done_with

begin 'the other side is in it, too, when a peer leaves'
peer alice --mode bootstrap
port=$(b_port alice)
peer carol --remote_endpoint "localhost:$port"
expect says carol 'you are in lobby \(2 here\)'
expect leaves alice
expect entry carol '"identity"'
expect leaves carol
expect whole
done_with

begin 'with nothing but the file a peer is back within 5 s'
peer alice --mode bootstrap
port=$(b_port alice)
peer bob --remote_endpoint "localhost:$port"
peer carol --remote_endpoint "localhost:$port"
expect says bob 'you are in lobby'
expect says carol 'you are in lobby'
expect until_ok 5 linked carol 2
expect until_ok 5 entry carol "\"port\": $(w_port carol), "
slay bob
slay alice # nobody is left who answers as a bootstrap peer
close_input bob
close_input alice
peer bob
expect says bob 'you are in lobby \([0-9]+ here\)' 5
tell bob 'found you'
expect sees carol '<bob> found you$' 5
expect_not grep -q 'founds a group of its own' "$work/bob.err"
done_with

begin 'a member that comes back as a bootstrap peer lets newcomers in again'
expect leaves bob
peer bob --mode bootstrap
expect says bob 'you are in lobby \([0-9]+ here\)' 5
expect sees carol '--> bob joined' 5
peer erin --remote_endpoint "localhost:$(b_port bob)"
expect says erin 'you are in lobby'
tell erin 'is this the old group?'
expect sees carol '<erin> is this the old group\?$'
for name in erin bob carol; do
    expect leaves "$name"
done
done_with

begin 'a damaged file is kept aside, said once, and begun anew'
printf '{"peers": [' >"$cache"
peer alice --mode bootstrap
port=$(b_port alice)
expect mentions alice 'it made no sense and is kept as .*\.corrupt-[0-9TZ]+'
peer bob --remote_endpoint "localhost:$port"
expect says bob 'you are in lobby \(2 here\)'
expect until_ok 5 whole
expect aside 1
expect equal "$(grep -hc 'made no sense' "$work/bob.err")" 0
expect leaves bob
expect leaves alice
expect aside 1
done_with

begin 'a file that cannot be changed is told once, and the chat goes on'
: >"$work/file"
peer alice --mode bootstrap
port=$(b_port alice)
peer bob --remote_endpoint "localhost:$port" --cache_file "$work/file/peers.json"
expect mentions bob 'Not a directory; who was met is remembered for this run only'
tell bob 'still here'
expect sees alice '<bob> still here$'
expect leaves bob
expect equal "$(cat "$work/bob.out" "$work/bob.err" |
    grep -c 'remembered for this run')" 1
expect leaves alice
done_with

begin 'a temporary profile, and --cache_file none, leave nothing behind'
before=$(sha256sum "$cache")
peer alice --mode bootstrap --temp
port=$(b_port alice)
peer bob --remote_endpoint "localhost:$port" --temp
peer carol --remote_endpoint "localhost:$port" --cache_file none
expect says bob 'you are in lobby'
expect says carol 'you are in lobby'
expect leaves bob
expect leaves carol
expect leaves alice
expect equal "$(sha256sum "$cache")" "$before"
done_with

finish
