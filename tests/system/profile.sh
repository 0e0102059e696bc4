#!/bin/bash
# profile.sh - who you are and what was said outlive the process: one process
# at a time, nothing damaged is ever replaced, and both can be looked at.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2153 # lib.sh sets it
profiles=$XDG_DATA_HOME/moot
TMPDIR=$work/tmp
export TMPDIR
mkdir -p "$TMPDIR"

# gives CODE PATTERN ARGUMENT... - it ends at once with this code, and says this.
gives() {
    local want=$1 pattern=$2 code=0
    shift 2
    timeout 15 "$moot" "$@" </dev/null >"$work/x.out" 2>"$work/x.err" || code=$?
    equal "$code" "$want" || {
        head -n 5 "$work/x.err"
        return 1
    }
    [ -z "$pattern" ] || grep -Eq -- "$pattern" "$work/x.err" && return
    echo "    \"$pattern\" is not in: $(head -n 5 "$work/x.err")"
    return 1
}

# prints PATTERN ARGUMENT... - its standard output holds such a line.
prints() {
    local pattern=$1
    shift
    timeout 15 "$moot" "$@" </dev/null >"$work/x.out" 2>"$work/x.err"
    grep -Eq -- "$pattern" "$work/x.out" && return
    echo "    \"$pattern\" is not in: $(head -n 5 "$work/x.out" "$work/x.err")"
    return 1
}

# in_one_line - what was said last on standard error fits a line.
in_one_line() {
    equal "$(wc -l <"$work/x.err")" 1
}

# key NAME - the key it says it has.
key() {
    says "$1" '^Your key is ' || return 1
    sed -n 's/^Your key is \([0-9a-f ]*\) (.*/\1/p' "$work/$1.err"
}

# leave NAME - as the end of its input makes it leave.
leave() {
    kill -TERM "${pid_of[$1]}"
    ends_with "$1" 0 10
    close_input "$1"
}

# sum DIR - of what must not be replaced.
sum() {
    cat "$1/identity.key" "$1/history.db" | sha256sum
}

begin 'the same name is the same key at the next start, and another is another'
peer alice --mode bootstrap
peer bob
alice_key=$(key alice)
expect [ -n "$alice_key" ]
expect_not equal "$alice_key" "$(key bob)"
expect says alice '\(a new one, kept in .*/moot/alice\)$'
expect equal "$(stat -c %a "$profiles/alice")" 700
expect equal "$(stat -c %a "$profiles/alice/identity.key")" 600
leave bob
leave alice
peer alice --mode bootstrap
expect equal "$(key alice)" "$alice_key"
expect says alice '\(kept in .*/moot/alice\)$'
done_with

# A plain start led into a lobby, where nobody was or anybody might listen.
begin 'who names no group goes on in the one he was in last'
peer nora --group garden
expect says nora '-- you are in garden'
leave nora
peer nora
expect says nora '-- you are in garden'
leave nora
peer nora --private --group vault
expect says nora '-- you are in vault'
leave nora
peer nora
expect says nora '-- you are in vault'
expect says nora 'this group is closed'
leave nora
peer nora --group garden
expect says nora '-- you are in garden'
leave nora
peer nora --private
expect says nora '-- you are in vault'
leave nora
peer nora --remote_endpoint "localhost:$(b_port alice)"
expect says nora '-- you are in lobby'
leave nora
rm -r "$profiles/nora"
done_with

begin 'a second process of one name is told which process holds the profile'
expect gives 1 "held by process ${pid_of[alice]}\b.*--username.*--data_dir" \
    --username alice
expect in_one_line
expect alive alice
done_with

begin 'another name, another directory or none at all are no second process'
other=$work/elsewhere
peer bob --remote_endpoint "localhost:$(b_port alice)"
process twin "$moot" --username alice --data_dir "$other" --remote_endpoint \
    "localhost:$(b_port alice)"
peer passer --temp --remote_endpoint "localhost:$(b_port alice)"
expect until_ok 10 linked alice 3
expect equal "$(stat -c %a "$other/identity.key")" 600
expect_not equal "$(key twin)" "$alice_key"
expect says passer '^Your key is [0-9a-f ]* \(for this run only\)$'
done_with

begin 'a profile for one run leaves nothing behind'
tell passer 'gone tomorrow'
expect sees bob 'gone tomorrow'
expect [ -n "$(ls -A "$TMPDIR")" ]
leave passer
expect equal "$(ls -A "$TMPDIR")" ''
expect equal "$(ls "$profiles")" "$(printf 'alice\nbob')"
leave twin
done_with

begin 'what was said can be read while it is being said'
tell alice 'the first line' '/me waves' 'a line to be found'
expect sees bob 'a line to be found'
expect until_ok 5 prints '<alice> a line to be found$' history --username bob
expect until_ok 5 prints '<alice> a line to be found$' history --username alice
expect equal "$(grep -Ec '^[0-9-]{10} [0-9]{2}:[0-9]{2} ' "$work/x.out")" \
    "$(wc -l <"$work/x.out")"
expect prints '<alice> a line to be found$' history --username alice --last 1
expect equal "$(wc -l <"$work/x.out")" 1
expect prints '  \* alice waves$' history --username alice --last 2
expect equal "$(wc -l <"$work/x.out")" 2
expect prints 'first line' history --username bob --author "$alice_key"
expect_not prints . history --username bob --author nobody
expect_not prints . history --username bob --until 2001-01-01
expect prints 'first line' history --username bob --since 2001-01-01
expect prints '"kind":"action","text":"waves"' history --username bob --json
listed=$("$moot" --help | tr -s ' \n' ' ' |
    sed 's/.*One JSON object a line: \([^.;]*\)[.;].*/\1/; s/ and /, /')
printed=$(head -n 1 "$work/x.out" | grep -Eo '"[a-z]+":' | tr -d '":' |
    paste -s -d , | sed 's/,/, /g')
expect equal "$listed" "$printed"
expect alive alice
done_with

begin 'what nobody keeps is no transcript, and the reason is one line'
expect gives 1 'there is no profile' history --username carol
expect in_one_line
expect_not test -e "$profiles/carol"
expect gives 1 'no group of this profile; there are lobby' \
    history --username bob --group tea
expect in_one_line
expect gives 2 'needs to know whose' verify
expect gives 2 'there are moot join, invite, history and verify' chat
done_with

begin 'a profile that is as it should be is called so, with its digest'
expect gives 0 '' verify --username alice
expect grep -Eq '^  digest [0-9a-f]{64}$' "$work/x.out"
digest=$(grep digest "$work/x.out")
expect gives 0 '' verify --username bob # he once founded a group of his own
expect grep -Fqx -- "$digest" "$work/x.out"
done_with

begin 'after a restart what was said before is there, marked as earlier'
leave bob
leave alice
peer alice --mode bootstrap
expect sees alice '^earlier .*<alice> a line to be found$'
peer bob --remote_endpoint "localhost:$(b_port alice)"
expect until_ok 10 linked bob 1
expect sees bob '^earlier .*<alice> the first line$'
tell bob 'a new one'
expect sees alice '<bob> a new one$'
expect_not grep -q '^earlier .*<bob> a new one$' "$work/alice.out"
expect until_ok 5 prints '<bob> a new one$' history --username alice
expect equal "$(grep -c 'a line to be found' "$work/x.out")" 1
leave bob
leave alice
done_with

begin 'a damaged line is found, left out and told'
cp -a "$profiles/bob" "$work/good"
at=$(grep -abo 'a line to be found' "$profiles/bob/history.db" | head -n 1)
expect [ -n "$at" ]
printf 'X' | dd of="$profiles/bob/history.db" bs=1 seek="${at%%:*}" \
    conv=notrunc status=none
expect gives 1 '' verify --username bob
expect grep -q '^  damaged: 1 ' "$work/x.out"
expect gives 1 'damaged entries left out: 1;' history --username bob
expect_not grep -q 'to be found' "$work/x.out"
done_with

begin 'a damaged, open or unreadable identity is refused, and never replaced'
rm -rf "$profiles/bob"
cp -a "$work/good" "$profiles/bob"
identity=$profiles/bob/identity.key
printf 'Z' | dd of="$identity" bs=1 seek=30 conv=notrunc status=none
before=$(sum "$profiles/bob")
expect gives 1 'identity.key.*nothing was changed' --username bob
expect in_one_line
expect equal "$(sum "$profiles/bob")" "$before"
: >"$identity"
expect gives 1 'identity.key.*nothing was changed' --username bob
cp "$work/good/identity.key" "$identity"
chmod 644 "$identity"
expect gives 1 'read by others \(mode 644\).*chmod 600' --username bob
rm "$identity"
expect gives 1 'identity is not there.*nothing was changed' --username bob
expect_not test -e "$identity"
mkdir "$identity"
expect gives 1 'identity.key' --username bob
rmdir "$identity"
cp "$work/good/identity.key" "$identity"
chmod 777 "$profiles/bob"
expect gives 1 'others may write.*chmod 700' --username bob
chmod 700 "$profiles/bob"
expect equal "$(sum "$profiles/bob")" "$(sum "$work/good")"
done_with

begin 'a damaged database is refused, and left as it is'
printf 'no database at all' | dd of="$profiles/bob/history.db" bs=1 \
    conv=notrunc status=none
before=$(sum "$profiles/bob")
expect gives 1 'history.db' --username bob
expect in_one_line
expect gives 1 'history.db' history --username bob
expect gives 1 'history.db' verify --username bob
expect equal "$(sum "$profiles/bob")" "$before"
rm -rf "$profiles/bob"
cp -a "$work/good" "$profiles/bob"
expect prints 'a line to be found' history --username bob
done_with

begin 'a relative XDG_DATA_HOME is ignored, and that is said'
XDG_DATA_HOME=elsewhere expect gives 1 \
    '^moot: XDG_DATA_HOME "elsewhere" is ignored: it has to begin with /$' \
    verify --username nobody
done_with

begin 'a directory that cannot be made is named'
: >"$work/file"
expect gives 1 "$work/file" --username bob --data_dir "$work/file/x"
expect in_one_line
expect gives 1 "$work/file" --username bob --data_dir "$work/file"
done_with

finish
