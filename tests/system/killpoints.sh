#!/bin/bash
# killpoints.sh - kill -9 at every k-th system call that changes a file: what
# was shown as sent is there.  Flipped bits and cut files: found, and healed.
#
#     KILL_STEP=1 FLIPS=1000 tests/system/killpoints.sh    as the campaign
#
# Runs alone: it keeps the machine busy.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

step=${KILL_STEP:-0} # 0: few of the calls, and few k of each
flips=${FLIPS:-20}
seed=${SEED:-$$}
RANDOM=$seed
all='pwrite64 fdatasync fsync ftruncate unlink unlinkat linkat mkdir write'
point=-1

if ! strace -qq -o /dev/null true 2>/dev/null; then
    skip 'kill -9 at every k-th change of a file' 'nothing can be traced here'
    finish
fi

# live NAME K CALL - one comes, says five lines and leaves, unless it is killed
# at the k-th such call of one of its threads.
live() {
    [ ! -f "$work/$1.out" ] || cat "$work/$1.out" >>"$work/$1.before"
    process "$1" strace -qq -f -o "$work/strace" -e "trace=$3" \
        -e "inject=$3:signal=KILL:when=$2" "$moot" --username "$1" \
        --remote_endpoint "localhost:$port"
    {
        tell "$1" "$1 $3 $2 one" "$1 $3 $2 two"
        until_ok 10 over_or_said "$1" "$1 $3 $2 two"
        tell "$1" "$1 $3 $2 three" "$1 $3 $2 four" "$1 $3 $2 five"
        until_ok 10 over_or_said "$1" "$1 $3 $2 five"
        tell "$1" /quit
        ended "$1" 10
    } 2>/dev/null # the shell's own words about the killed
    close_input "$1"
}

# A slow disk may have it marked.
over_or_said() {
    gone "$1" || grep -Eq "<$1> $2\$" "$work/$1.out"
}

# all_there NAME - what it showed as sent is in its profile, none of it twice.
all_there() {
    sent "$1" | sort >"$work/sent"
    texts "$1" | sort >"$work/texts"
    uniq -d "$work/texts" | sed 's/^/    twice: /'
    comm -23 "$work/sent" "$work/texts" | sed 's/^/    missing: /'
    [ -z "$(uniq -d "$work/texts")" ] &&
        [ -z "$(comm -23 "$work/sent" "$work/texts")" ]
}

like_bob() {
    [ "$(digest "$1")" = "$(digest bob)" ]
}

# comes_back NAME - it starts again, and soon holds what bob holds; then it
# leaves.
comes_back() {
    relive "$1" --remote_endpoint "localhost:$port"
    # What bob has not stored yet he does not speak of.
    until_ok 10 agrees "$1" 1 && until_ok 10 like_bob "$1" || return 1
    leaves "$1"
}

# killed_at NAME K CALL - one life, and all that must hold after it.
killed_at() {
    expect live "$1" "$2" "$3"
    point=$code
    lives=$((lives + 1))
    [ "$point" -ne 137 ] || kills=$((kills + 1))
    # Killed before there was a profile, it shows nothing.
    if [ -f "$XDG_DATA_HOME/moot/$1/history.db" ]; then
        expect all_there "$1"
    fi
    expect comes_back "$1"
    expect all_there "$1"
    expect verified "$1"
    expect equal "$(digest "$1")" "$(digest bob)"
    expect unforked bob
}

peer bob --mode bootstrap --w_port 0 --b_port 0
port=$(b_port bob)

# stride CALL - from one k to the next; 0: this call is for the campaign.
stride() {
    case $step,$1 in
    0,pwrite64) echo 8 ;;
    0,write) echo 20 ;;
    0,fdatasync) echo 4 ;;
    *) echo "$step" ;;
    esac
}

# kill_at_all PREFIX - for each call, at each k until it lives to its end.
kill_at_all() {
    local call k stride name
    lives=0 kills=0
    [ "$step" -eq 1 ] ||
        echo '    shortened: some calls, some k of each (make campaign: all)'
    for call in $all; do
        stride=$(stride "$call")
        [ "$stride" -gt 0 ] || continue
        for ((k = 1 + RANDOM % stride; ; k += stride)); do
            name=$1
            [ "$1" = alice ] || name=$1-$call-$k
            killed_at "$name" "$k" "$call"
            [ "$point" -eq 137 ] || break
            [ -z "$broken" ] || break
        done
        echo "    $call: up to k = $k"
        [ -z "$broken" ] || break
    done
    echo "    $lives lives, $kills of them ended by a kill"
    expect [ "$kills" -gt 0 ]
}

begin 'killed at the k-th change of a file in a first life, nothing sent is lost'
kill_at_all new
done_with

begin 'the same in one profile, life after life'
kill_at_all alice
done_with

# --- damage ---------------------------------------------------------------------

profile=$XDG_DATA_HOME/moot/dora
harmful=0 refusals=0

# damage FILE - a bit flipped, or in one of eight cases its end cut off.
damage() {
    local size at byte
    size=$(stat -c %s "$1")
    at=$(((RANDOM * 32768 + RANDOM) % size))
    if [ $((RANDOM % 8)) -eq 0 ]; then
        truncate -s "$at" "$1"
        what="cut at $at"
        return
    fi
    byte=$(od -An -tu1 -j "$at" -N 1 "$1")
    what="bit $((RANDOM % 8)) of byte $at"
    printf '%b' "\\x$(printf %02x $((byte ^ (1 << (${what:4:1})))))" |
        dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

# refuses - it does not start, says why in one line, and changes nothing.
refuses() {
    ended dora 0 && [ "$code" -eq 1 ] &&
        [ "$(grep -c '^moot: ' "$work/dora.err")" -eq 1 ]
}

# heals - all is there again and right.  A flaw of the file itself in which no
# entry is lost may stay: moot verify goes on to name it.
heals() {
    "$moot" verify --username dora >"$work/verdict" 2>/dev/null
    ! grep -Eq '^  (entry [0-9]|missing|not signed)' "$work/verdict" &&
        grep -q "^  digest $truth\$" "$work/verdict" &&
        transcript dora | cmp -s - "$work/true"
}

over_or_heals() {
    gone dora || heals
}

# damaged_once FILE - whatever is damaged, nothing wrong is shown, and it ends
# with a refusal or with all that was there.
damaged_once() {
    local file=$1 looks
    rm -rf "$profile"
    cp -a "$work/sound-$file" "$profile"
    damage "$profile/$file"
    transcript dora >"$work/shown"
    looks=$?
    if grep -vqxFf "$work/true" "$work/shown"; then
        echo "    $file, $what: shows what nobody said"
        return 1
    fi
    if ! cmp -s "$work/shown" "$work/true"; then
        harmful=$((harmful + 1))
        # The end of a log that is cut off is as if it had never been; all
        # else that is missing is missed.
        if [ "$looks" -eq 0 ] && [ "$file" = history.db ]; then
            echo "    $file, $what: nobody noticed what is missing"
            return 1
        fi
    fi
    relive dora --remote_endpoint "localhost:$port"
    until_ok 15 over_or_heals
    if gone dora; then
        refusals=$((refusals + 1))
        refuses && return
        echo "    $file, $what: it ended with $code and not in words"
        return 1
    fi
    until_ok 5 agrees dora 1 && heals && leaves dora && return
    echo "    $file, $what: not healed"
    verified dora
    return 1
}

begin "$flips times a bit of a history is flipped, or the file cut (SEED=$seed)"
shortened damages "$flips" 1000
peer dora --remote_endpoint "localhost:$port"
for i in 1 2 3 4 5 6 7 8 9; do
    tell dora "dora's line $i"
    tell bob "bob's line $i"
    sees dora "<bob> bob's line $i\$"
done
expect until_ok 10 agrees dora 1
# A killed one leaves its write-ahead log behind, one that leaves does not.
slay dora
cp -a "$profile" "$work/sound-history.db-wal"
relive dora --remote_endpoint "localhost:$port"
expect until_ok 10 agrees dora 1
leaves dora
cp -a "$profile" "$work/sound-history.db"
transcript bob >"$work/true"
truth=$(digest bob)
for ((i = 0; i < flips; i++)); do
    file=history.db
    [ $((RANDOM % 2)) -eq 0 ] || file=history.db-wal
    expect damaged_once "$file" || break
    [ -z "$broken" ] || break
done
echo "    $i damages, $harmful of them harmful, $refusals ended in a refusal"
done_with

begin 'bob was told nothing wrong by any of them'
expect verified bob
expect unforked bob
done_with

stop_all
finish
