#!/bin/bash
# invite.sh - one line lets somebody join, and leads nowhere else.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# gives CODE PATTERN ARGUMENT... - it ends at once with this code, and says this.
gives() {
    local want=$1 pattern=$2 code=0
    shift 2
    timeout 15 "$moot" "$@" </dev/null >"$work/x.out" 2>"$work/x.err" || code=$?
    equal "$code" "$want" || {
        head -n 5 "$work/x.err"
        return 1
    }
    grep -Eq -- "$pattern" "$work/x.err" && return
    echo "    \"$pattern\" is not in: $(head -n 5 "$work/x.err")"
    return 1
}

# quietly COMMAND... - it may fail at first, until the profile is written.
quietly() {
    "$@" >/dev/null
}

# invitation NAME OPTION... - into $invite; one line, and nothing else there.
invitation() {
    local name=$1
    shift
    invite=$("$moot" invite --username "$name" "$@" 2>"$work/x.err") || return 1
    [[ $invite =~ ^moot://[^\ ]+/\#[A-Za-z0-9_-]+$ ]] && return
    echo "    no invitation: \"$invite\""
    return 1
}

# invites NAME - the profile knows a way in by now.
invites() {
    invitation "$1" >/dev/null
}

# joins NAME COMMAND... - it comes in, and is heard.
joins() {
    local name=$1
    shift
    process "$name" "$@"
    says "$name" '-- you are in lobby' || return 1
    tell "$name" "$name is here"
    sees alice "<$name> $name is here$"
}

# goes NAME - and nobody is called lost.
goes() {
    close_input "$1"
    ends_with "$1" 0 10
}

begin 'nobody can be invited while nobody with a bootstrap socket is known'
peer solo
expect says solo '-- you are in lobby'
tell solo /invite
expect says solo '=!= nobody here has a bootstrap socket'
expect until_ok 5 quietly gives 1 \
    'nobody in lobby with a bootstrap socket was met' invite --username solo
expect gives 1 'there is no profile' invite --username nobody
expect gives 2 'needs to know whose' invite
slay solo
done_with

begin 'a bootstrap peer invites, from the chat and from its profile alike'
peer alice --mode bootstrap --bind 127.0.0.1
expect says alice '-- you are in lobby'
expect until_ok 5 invites alice
first=$invite
tell alice /invite
expect sees alice '^Whoever has this line can join:$'
expect sees alice "^$first\$"
done_with

begin 'one joins by each way to give it'
expect joins bob "$moot" join "$first" --username bob
expect joins carol "$moot" join --username carol "$first"
expect joins dan "$moot" --invite "$first" --username dan
expect joins erin "$moot" --remote_endpoint "$first" --username erin
expect joins frank env MOOT_INVITE="$first" "$moot" --username frank
for name in carol dan erin frank; do
    expect goes "$name"
done
done_with

begin 'from standard input it is one line, the name the next, the rest is said'
process gina "$moot" join
tell gina "$first" gina 'the third line' 'the fourth line'
expect sees alice '<gina> the third line$'
expect sees alice '<gina> the fourth line$'
expect goes gina
process hal "$moot" --invite - --username hal
tell hal "$first" 'no name was asked for'
expect sees alice '<hal> no name was asked for$'
expect goes hal
done_with

begin 'a standard peer invites to where the group can be found, also when it left'
expect until_ok 10 invites bob
expect [ "$invite" != "$first" ]
expect equal "${invite%%/#*}" "${first%%/#*}"
bobs=$invite
tell bob /invite
expect sees bob "^$bobs\$"
tell bob /quit
expect ends_with bob 0 10
close_input bob
expect invitation bob
expect equal "$invite" "$bobs"
expect joins ida "$moot" join "$bobs" --username ida
expect goes ida
done_with

# It went on in the group under the other name, and founded one of the old name.
begin 'an invitation leads into no group of another name: exit 6'
expect gives 6 'leads into "lobby"' join "$bobs" --username ida --group other
expect gives 6 'no such group there' join "$bobs" --username jan --group other
expect joins ida "$moot" join "$bobs" --username ida --group lobby
expect goes ida
done_with

begin 'a mistyped one is refused before anything is asked'
expect gives 2 'is mistyped or cut short' join "${first}a" --username jo
expect gives 2 'is mistyped or cut short' join "${first%?}" --username jo
expect gives 2 'is mistyped or cut short' \
    join "${first/127.0.0.1/127.0.0.2}" --username jo
expect gives 2 'is no invitation' join localhost:8080 --username jo
expect_not test -e "$XDG_DATA_HOME/moot/jo"
done_with

begin 'another key behind the address is not believed: exit 4'
port=$(b_port alice)
relive bob --w_port 0 --bind 127.0.0.1 --remote_endpoint "127.0.0.1:$port"
expect says bob '-- you are in lobby'
leaves alice
leaves bob
peer bob --mode bootstrap --b_port "$port" --bind 127.0.0.1
expect says bob '-- you are in lobby'
expect gives 4 "127.0.0.1:$port .*another key" \
    join "$first" --username kim --timeout 1
expect process lea "$moot" join "$bobs" --username lea # one of its pins
expect says lea '-- you are in lobby \(2 here\)'
tell lea /quit
expect ends_with lea 0 10
close_input lea
leaves bob
done_with

begin 'another group behind the address is refused, whoever is there: exit 6'
peer mallory --mode bootstrap --b_port "$port" --bind 127.0.0.1
expect says mallory '-- you are in lobby'
expect until_ok 5 invites mallory
theirs=$invite
leaves mallory
relive alice --mode bootstrap --b_port "$port" --bind 127.0.0.1 --group other
expect says alice '-- you are in other'
expect gives 6 'no such group there: .*"other"' join "$first" --username kim --timeout 1
expect gives 4 'another key' join "$theirs" --username kim --timeout 1
leaves alice
done_with

begin 'nobody behind the address: exit 4, and why'
expect gives 4 "127.0.0.1:$port .*refused" \
    join "$first" --username kim --timeout 1
done_with

begin 'an invitation into a closed group holds a secret, and argv no secrets'
peer zoe --private --mode bootstrap --bind 127.0.0.1 --group den
expect says zoe '-- you are in den'
expect until_ok 5 invites zoe
closed=$invite
expect grep -q 'pass it on like a password' "$work/x.err"
tell zoe /invite
expect sees zoe '^Whoever has this line can join, so pass it on like a password:'
expect sees zoe "^$closed\$"
for words in "join $closed" "--invite $closed" "--remote_endpoint $closed"; do
    # shellcheck disable=SC2086 # options, one word each
    expect gives 2 'others on this machine can read the command line' \
        $words --username kim
    expect_not grep -q "${closed##*#}" "$work/x.err"
done
mkdir -p "$XDG_CONFIG_HOME/moot"
echo "invite = $closed" >"$XDG_CONFIG_HOME/moot/config"
expect gives 2 'config:1: .* has no place in this file' --username kim
rm "$XDG_CONFIG_HOME/moot/config"
done_with

begin 'it is taken from standard input and from the environment'
process yan "$moot" join --username yan
tell yan "$closed"
expect says yan '-- you are in den'
process xia env MOOT_INVITE="$closed" "$moot" --username xia
expect says xia '-- you are in den'
tell xia 'a word among three'
expect sees zoe '<xia> a word among three$'
expect sees yan '<xia> a word among three$'
expect gives 6 . --username kim --timeout 1 \
    --remote_endpoint "127.0.0.1:$(b_port zoe)"
done_with

begin 'after a rekey the old one lets nobody in, and the new one does'
tell zoe /rekey
newer() {
    invitation "$1" >/dev/null && [ "$invite" != "$2" ]
}
expect until_ok 10 newer zoe "$closed"
fresh=$invite
expect until_ok 10 newer xia "$closed"
export MOOT_INVITE=$closed
expect gives 6 . --username kim --timeout 6
unset MOOT_INVITE
process wim "$moot" join --username wim
tell wim "$fresh" 'let in'
expect sees zoe '<wim> let in$'
stop_all
done_with

finish
