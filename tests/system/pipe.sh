#!/bin/bash
# pipe.sh - a peer whose input is a pipe or a file says it all, then leaves.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

begin 'a thousand lines from a pipe are shown elsewhere, in order, once'
peer alice --mode bootstrap --w_port 0 --b_port 0
port=$(b_port alice)
peer bob --mode standard --w_port 0 --remote_endpoint "localhost:$port"
expect sees alice '--> bob joined'
seq -f 'line %.0f' 1000 >"$work/lines"
code=0
"$moot" --username carol --remote_endpoint "localhost:$port" \
    <"$work/lines" >"$work/carol.out" 2>"$work/carol.err" || code=$?
expect equal "$code" 0
for name in alice bob; do
    expect sees "$name" '<carol> line 1000$' 5
    grep -o '<carol> line .*' "$work/$name.out" | sed 's/<carol> //' \
        >"$work/$name.lines"
    expect cmp "$work/lines" "$work/$name.lines"
    expect sees "$name" '<-- carol left' 5
done
done_with

begin 'the name is the first line, and not one byte more is read for it'
printf 'dave\nfirst\nsecond\n' |
    "$moot" --remote_endpoint "localhost:$port" >"$work/dave.out" \
        2>"$work/dave.err"
expect equal "$?" 0
expect sees alice '<dave> first$' 5
expect sees alice '<dave> second$' 5
expect sees alice '<-- dave left' 5
done_with

begin 'no input at all is an input that has ended'
code=0
"$moot" --username frank --remote_endpoint "localhost:$port" <&- >&- \
    2>"$work/frank.err" || code=$?
expect equal "$code" 0
expect sees alice '<-- frank left' 5
done_with

begin 'without a terminal there are no escape codes, and lines are whole'
expect_not grep -q "$(printf '\033')" "$work/alice.out"
expect_not grep -Eqv '^((earlier|late) )*[0-9-]* ?[0-9][0-9]:[0-9][0-9] ' \
    "$work/alice.out"
done_with

begin 'an output that fails is told in one line: exit 1, and a goodbye, no loss'
code=0
seq -f 'full %.0f' 3 | "$moot" --username gina \
    --remote_endpoint "localhost:$port" >/dev/full 2>"$work/gina.err" || code=$?
expect equal "$code" 1
expect equal "$(grep -c '^moot: standard output: No space left' \
    "$work/gina.err")" 1
# What fails first may be a line from earlier, when gina is not in yet: then
# nobody heard of her at all.  A loss is what must not be seen.
tell bob 'where is gina?'
expect sees alice '<bob> where is gina?' 5
expect equal "$(grep -c 'x-- gina' "$work/alice.out")" 0
for option in --help --version; do
    code=0
    "$moot" "$option" >/dev/full 2>"$work/x.err" || code=$?
    expect equal "$code" 1
    expect equal "$(cat "$work/x.err")" \
        'moot: standard output: No space left on device'
done
done_with

begin 'a bootstrap peer stays when its input ends, until a signal'
peer erin --mode bootstrap --w_port 0 --b_port 0 \
    --remote_endpoint "localhost:$port"
expect sees alice '--> erin joined'
tell erin 'I stay'
close_input erin
expect sees alice '<erin> I stay$' 5
tell bob 'does she?'
expect sees erin '<bob> does she[?]$' 5
expect alive erin
kill -TERM "${pid_of[erin]}"
expect ends_with erin 0 5
expect sees alice '<-- erin left' 5
done_with

stop_all
finish
