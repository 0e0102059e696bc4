#!/bin/bash
# terminal.sh - one peer in a terminal, looked at closely: what it does with
# keys, pastes and refusals, and that the terminal comes back as it was.
#
# panes.sh holds the conversation of three; this is about the terminal alone.

# The words below are called by name, through expect and until_ok.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

socket=moot-terminal-$$
tmux() {
    command tmux -L "$socket" -f /dev/null "$@"
}

trap 'tmux kill-server 2>/dev/null; lib_end' EXIT

# window NAME - a shell in a terminal of 80 by 24.
window() {
    local sh='env PS1="shell> " bash --norc --noprofile'
    if tmux has-session 2>/dev/null; then
        tmux new-window -d -n "$1" "$sh"
    else
        tmux new-session -d -x 80 -y 24 -n "$1" "$sh"
        tmux set-option -g set-clipboard on
        tmux set-option -g allow-rename on
    fi
    expect until_ok 5 screen_has "$1" '^shell> '
}

keys() {
    local name=$1
    shift
    tmux send-keys -t ":$name" "$@"
}

# type_in NAME TEXT - as it stands; run NAME TEXT ends it with Enter.
type_in() {
    tmux send-keys -t ":$1" -l -- "$2"
}

run() {
    type_in "$1" "$2"
    keys "$1" Enter
}

screen() {
    tmux capture-pane -p -J -S -500 -t ":$1"
}

screen_has() {
    screen "$1" | grep -Eq -- "$2"
}

# What stands on the screen now, without what has gone off its top.
in_view() {
    tmux capture-pane -p -J -t ":$1" | grep -Eq -- "$2"
}

shows() {
    until_ok "${3:-10}" screen_has "$1" "$2"
}

last_line() {
    screen "$1" | sed 's/ *$//' | grep -v '^$' | tail -n 1
}

last_is() {
    [ "$(last_line "$1")" = "$2" ]
}

# edits NAME TEXT - the line being typed is this.
edits() {
    until_ok 5 last_is "$1" ">${2:+ }$2" && return
    echo "    it is \"$(last_line "$1" | cut -c 1-80)\""
    return 1
}

settings() {
    run "$1" "stty -a | tr '\n' ' ' | sed 's/columns [0-9]*//' >$work/stty.$2"
    until_ok 5 test -s "$work/stty.$2"
}

# paste NAME TEXT - as a terminal pastes, in brackets if it was asked to.
paste() {
    tmux set-buffer -b p -- "$2"
    tmux paste-buffer -d -p -b p -t ":$1"
}

hostile() {
    printf '%s' $'\e]0;owned\a' $'\e]2;owned\a' $'\ekowned\e\\' \
        $'\e]52;c;cHduZWRjbGlw\a' $'\e[2J\e[H' $'\e[6n\e[c'
}

begin 'the oracle: raw, these bytes do change title, clipboard and screen'
window raw
hostile >"$work/hostile"
run raw "echo before; cat $work/hostile; echo after"
title_is() {
    [ "$(tmux display-message -p -t :raw '#{pane_title}')" = owned ]
}
clipboard_is() {
    [ "$(tmux show-buffer 2>/dev/null)" = pwnedclip ]
}
expect until_ok 5 title_is
expect until_ok 5 clipboard_is
expect_not screen_has raw '^before'
tmux delete-buffer
tmux kill-window -t :owned 2>/dev/null || tmux kill-window -t :raw
done_with

begin 'a peer starts in a terminal'
peer bob --mode bootstrap --w_port 0 --b_port 0
port=$(b_port bob)
tmux has-session 2>/dev/null && tmux kill-server
window alice
expect settings alice before
run alice "$moot --username alice --remote_endpoint localhost:$port"
expect sees bob '--> alice joined'
expect edits alice ''
done_with

begin 'the same bytes said by somebody do nothing'
title=$(tmux display-message -p -t :alice '#{pane_title}')
type_in alice mine
tell bob "$(cat "$work/hostile")" "z$(printf '\xcc\xb6%.0s' $(seq 2000))z" \
    'that was all'
expect shows alice '<bob> that was all'
expect shows alice '\\x1b\]0;owned\\x07'
expect shows alice '<\+1996 marks>z'
expect equal "$(tmux display-message -p -t :alice '#{pane_title}')" "$title"
expect equal "$(tmux display-message -p -t :alice '#{window_name}')" alice
expect equal "$(tmux list-buffers)" ''
expect edits alice mine
keys alice C-u
done_with

begin 'a refused line stays, and can be mended'
run alice '/wo'
expect shows alice '=!= there is no command /wo; did you mean /who\?'
expect edits alice /wo
keys alice BSpace BSpace
run alice 'me laughs'
expect sees bob '[*] alice laughs'
paste alice "$(printf '%05000d' 0)"
keys alice Enter
expect shows alice '=!= not said: the line is longer than 4096 bytes'
keys alice C-c
expect edits alice ''
expect_not grep -q 000000 "$work/bob.out"
done_with

begin 'a line higher than the screen hides neither the refusal nor the prompt'
tell bob 'said before the long line'
expect shows alice '<bob> said before the long line'
paste alice "$(printf '%05000d' 0)"
keys alice Enter
expect until_ok 5 in_view alice '=!= not said: the line is longer than 4096'
tell bob 'said meanwhile'
expect until_ok 5 in_view alice '<bob> said meanwhile'
keys alice C-u
expect until_ok 5 in_view alice '^> *$'
expect edits alice ''
expect in_view alice '<bob> said before the long line'
expect in_view alice '<bob> said meanwhile'
done_with

begin 'a pasted text is said line by line, and nothing in it is obeyed'
paste alice $'one of three\n/quit two of three\n\n//three of three'
expect_not grep -q 'of three' "$work/bob.out"
keys alice Enter
expect sees bob '<alice> one of three$'
expect sees bob '<alice> /quit two of three$'
expect sees bob '<alice> //three of three$'
paste alice "$(printf 'fine\n%05000d\nfine' 0)"
keys alice Enter
expect shows alice 'line 2 of the text: not said'
expect_not grep -q '<alice> fine' "$work/bob.out"
keys alice C-c
keys alice C-c C-c
done_with

begin 'two times Ctrl-C has left, and the terminal is as it was'
expect sees bob '<-- alice left$'
expect settings alice after
expect cmp "$work/stty.before" "$work/stty.after"
done_with

start_alice() {
    run alice 'clear'
    run alice "$moot --username alice --remote_endpoint localhost:$port"
    expect until_ok 10 member_count 2
    expect edits alice ''
}

# member_count N - so many are listed at bob's bootstrap socket.
member_count() {
    [ "$(curl -s "http://localhost:$port/bootstrap" |
        grep -o '"username"' | wc -l)" = "$1" ]
}

pid_of_alice() {
    pgrep -nf "$moot --username alice"
}

begin 'keys edit in UTF-8, and the history brings lines back'
start_alice
type_in alice 'smörgås 中文'
keys alice BSpace Left BSpace
run alice 'é'
expect sees bob '<alice> smörgåsé中$'
keys alice Up
expect edits alice 'smörgåsé中'
keys alice C-e C-u
type_in alice /he
keys alice Tab
expect edits alice /help
keys alice C-u
done_with

begin 'Ctrl-Z gives the terminal to the shell and fg takes it back'
type_in alice 'half a li'
expect edits alice 'half a li'
keys alice C-z
expect shows alice 'Stopped'
tell bob 'you are away'
run alice fg
expect shows alice '<bob> you are away'
expect edits alice 'half a li'
run alice ne
expect sees bob '<alice> half a line$'
done_with

# resize NAME COLUMNS - and wait until the peer could know.
resize() {
    tmux resize-window -t ":$1" -x "$2"
    expect until_ok 5 wide "$1" "$2"
}

wide() {
    stty -F "$(tmux display-message -p -t ":$1" '#{pane_tty}')" size |
        grep -q " $2\$"
}

begin 'a new width of the terminal takes nothing off the screen'
resize alice 30
tell bob 'narrow 1' 'narrow 2' 'narrow 3' 'narrow 4'
expect shows alice '<bob> narrow 4$'
counted=$(seq -s ' ' 40)
type_in alice "$counted"
expect edits alice "$counted"
for columns in 120 30 47 80; do
    resize alice "$columns"
    type_in alice " at $columns"
    counted+=" at $columns"
    expect edits alice "$counted"
done
keys alice Enter
expect sees bob "<alice> $counted\$"
for n in 1 2 3 4; do
    expect shows alice "^[0-9:]* *<bob> narrow $n *\$" 1
done
done_with

begin 'a terminal that takes nothing (Ctrl-S) stops nobody'
keys alice C-s
seq -f 'number %.0f' 3000 >"$work/numbers"
while read -r line; do tell bob "$line"; done <"$work/numbers"
expect sees bob '<bob> number 3000$' 20
expect equal "$(curl -s -m 2 "http://localhost:$port/health")" ok
keys alice C-q
expect shows alice '<bob> number 3000$' 10
expect edits alice ''
done_with

begin 'Ctrl-D leaves'
keys alice C-d
expect sees bob '<-- alice left$'
expect until_ok 5 last_is alice 'shell>'
done_with

for signal in TERM HUP ABRT SEGV; do
    begin "SIG$signal gives the terminal back as it was"
    rm -f "$work/stty.after"
    start_alice
    kill -s "$signal" "$(pid_of_alice)"
    expect until_ok 10 last_is alice 'shell>'
    expect settings alice after
    expect cmp "$work/stty.before" "$work/stty.after"
    expect until_ok 10 member_count 1
    done_with
done

begin 'what is typed during the join is kept and not sent'
# Somebody takes the connection of a question and never answers.
exec {silent}< <(python3 -c '
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True); time.sleep(60)' 2>/dev/null)
pid_of[silent]=$! # so that nobody waits for it at the end
if read -r silent_port <&"$silent"; then
    run alice clear
    run alice "$moot --username alice --timeout 30 --remote_endpoint 127.0.0.1:$silent_port"
    expect shows alice '^\(joining\) >'
    run alice 'too early'
    expect shows alice '=!= not sent: you are not in the group yet'
    expect until_ok 5 last_is alice '(joining) > too early'
    keys alice C-c C-c
    expect until_ok 5 last_is alice 'shell>'
    # shellcheck disable=SC2016 # it is the shell in the window that expands it
    run alice 'echo the code is $?'
    expect shows alice '^the code is 130$'
    done_with
else
    skip "$sentence" 'there is no python3 to play the silent one'
fi
exec {silent}<&-

begin 'a closed terminal is a leave, with its reason'
start_alice
tmux kill-window -t :alice
expect sees bob '<-- alice left: the terminal was closed$'
done_with

tmux kill-server 2>/dev/null
stop_all
finish
