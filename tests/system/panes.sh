#!/bin/bash
# panes.sh - three peers in terminals: the line being typed is never disturbed,
# and nothing that others say gets hold of the terminal.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
own_network "$0"

socket=moot-test-$$
tmux() {
    command tmux -L "$socket" -f /dev/null "$@"
}

# pane NAME OPTION... - a peer in a terminal of 80 by 24, which says how it
# ended.  (tmux itself sometimes notices a death only with the next one.)
pane() {
    local name=$1 command
    shift
    command="$moot $*; echo \"ended with \$?\"; exec sleep 600"
    if tmux has-session 2>/dev/null; then
        tmux new-window -d -n "$name" "$command"
    else
        tmux new-session -d -x 80 -y 24 -n "$name" "$command"
        tmux set-option -g set-clipboard on
        tmux set-option -g allow-rename on
    fi
}

# keys NAME TEXT - typed as it stands; enter NAME ends the line.
keys() {
    tmux send-keys -t ":$1" -l -- "$2"
}

enter() {
    tmux send-keys -t ":$1" Enter
}

screen() {
    tmux capture-pane -p -J -S -500 -t ":$1"
}

shows() {
    screen "$1" | grep -Eq -- "$2"
}

pane_sees() {
    until_ok "${3:-10}" shows "$1" "$2"
}

pane_times() {
    screen "$1" | grep -Ec -- "$2" || true
}

# last_line NAME - the line being typed.
last_line() {
    screen "$1" | grep -v '^ *$' | tail -n 1
}

last_line_is() {
    last_line "$1" | grep -Eq -- "$2"
}

if port_taken 8080 || port_taken 8081; then
    skip 'three peers in three terminals' 'ports 8080 and 8081 are in use here'
    finish
fi

begin 'the commands ask for a name, in a terminal too'
pane alice --mode bootstrap --w_port 8081 --b_port 8080
expect pane_sees alice 'Enter your username to start the chat:'
keys alice alice && enter alice
expect until_ok 10 port_taken 8080
pane bob --mode bootstrap --w_port 8083 --b_port 8082 \
    --remote_endpoint localhost:8080
expect pane_sees bob 'Enter your username to start the chat:'
keys bob bob && enter bob
expect pane_sees alice '--> bob joined'
pane carol --mode standard --w_port 8085 --remote_endpoint localhost:8080
expect pane_sees carol 'Enter your username to start the chat:'
keys carol carol && enter carol
expect pane_sees alice '--> carol joined'
expect pane_sees bob '--> carol joined'
done_with

begin 'a line typed in each appears once in all of them'
for name in alice bob carol; do
    keys "$name" "a line of $name" && enter "$name"
done
for name in alice bob carol; do
    for other in alice bob carol; do
        expect pane_sees "$name" "<$other> a line of $other"
        expect equal "$(pane_times "$name" "a line of $other")" 1
    done
done
done_with

begin 'a half typed line is intact while ten others arrive'
keys alice 'this line is only half ty'
expect until_ok 5 last_line_is alice 'this line is only half ty$'
for i in 1 2 3 4 5; do
    keys bob "bob's number $i" && enter bob
    keys carol "carol's number $i" && enter carol
done
for i in 1 2 3 4 5; do
    expect pane_sees alice "<bob> bob's number $i"
    expect pane_sees alice "<carol> carol's number $i"
done
expect last_line_is alice 'this line is only half ty$'
expect equal "$(pane_times alice 'only half ty')" 1
keys alice 'ped' && enter alice
expect pane_sees bob '<alice> this line is only half typed'
expect pane_sees carol '<alice> this line is only half typed'
done_with

begin 'a resize in the middle of a line leaves it as it was'
keys alice 'wide and narrow'
tmux resize-window -t :alice -x 50 -y 20
tmux resize-window -t :alice -x 100 -y 30
keys bob 'look at me' && enter bob
expect pane_sees alice '<bob> look at me'
expect until_ok 5 last_line_is alice 'wide and narrow$'
enter alice
expect pane_sees bob '<alice> wide and narrow'
done_with

begin 'a hostile line leaves title, clipboard, cursor and input alone'
title=$(tmux display-message -p -t :alice '#{pane_title}')
keys alice 'still mine'
peer mallory --remote_endpoint localhost:8080
expect pane_sees alice '--> mallory joined'
tell mallory $'\e]0;owned\a and a title' \
    $'\e]52;c;cHduZWRjbGlw\a and a clipboard' \
    $'\e[6n\e[c\e[5n and questions' \
    $'\e[2J\e[H and a cursor' \
    $'\x07\x08\x08\x0b\x7f and controls' \
    $'\u202eesrever\u202c and \u2066bidi\u2069' \
    $'\u009b2J\u009d0;owned\u009c and C1' \
    "$(printf 'a%0.s\xcc\x81' $(seq 1000)) and marks" \
    'the last of it'
expect pane_sees alice '<mallory> the last of it'
expect pane_sees alice 'and a title'
expect equal "$(tmux display-message -p -t :alice '#{pane_title}')" "$title"
expect equal "$(tmux display-message -p -t :alice '#{window_name}')" alice
expect equal "$(tmux list-buffers)" ''
expect last_line_is alice 'still mine$'
expect pane_sees alice '<alice> wide and narrow'
enter alice
expect pane_sees bob '<alice> still mine'
expect equal "$(pane_times bob '<alice> .*still mine')" 1
done_with

begin 'Ctrl-D leaves, and the terminal is as it was'
tmux send-keys -t :carol C-d
expect pane_sees alice '<-- carol left'
expect pane_sees carol '^ended with 0'
tmux send-keys -t :bob C-c
expect pane_sees alice '<-- bob left'
expect pane_sees bob '^ended with 0'
done_with

[ -z "$broken" ] || for name in alice bob carol; do
    echo "--- $name ---"
    screen "$name"
done
tmux kill-server
stop_all
finish
