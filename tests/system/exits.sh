#!/bin/bash
# exits.sh - what goes wrong has its own exit code, and one line that says why.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# gives CODE PATTERN OPTION... - it ends at once with this code, and says this.
gives() {
    local want=$1 pattern=$2 code=0
    shift 2
    timeout 15 "$moot" "$@" </dev/null >"$work/x.out" 2>"$work/x.err" || code=$?
    equal "$code" "$want" || {
        head -n 5 "$work/x.err"
        return 1
    }
    grep -Eiq -- "$pattern" "$work/x.err" && return
    echo "    \"$pattern\" is not in: $(head -n 5 "$work/x.err")"
    return 1
}

# in_one_line - what was said last fits a line.
in_one_line() {
    equal "$(wc -l <"$work/x.err")" 1
}

begin 'wrong or contradictory options: exit 2, one line that says which'
for options in \
    '--no_such_option' \
    '--mode sideways --username x' \
    '--w_port 65536 --username x' \
    '--w_port http --username x' \
    '--b_port 0 --mode standard --username x' \
    '--join perhaps --username x' \
    '--timeout never --username x' \
    '--remote_endpoint localhost --username x' \
    '--remote_endpoint :80:80: --username x' \
    'lobby --username x'; do
    # shellcheck disable=SC2086 # options, one word each
    expect gives 2 . $options
    expect in_one_line
done
done_with

begin 'a name that cannot be one: exit 2'
expect gives 2 username --username ''
expect gives 2 username --username "$(printf 'a\tb')"
expect gives 2 username --username "$(printf '%065d' 0)"
done_with

begin 'a port in use: exit 3, and which'
peer alice --mode bootstrap --w_port 0 --b_port 0
taken=$(w_port alice)
boot=$(b_port alice)
expect gives 3 "$taken" --username bob --w_port "$taken"
expect gives 3 "$boot" --username bob --mode bootstrap --b_port "$boot"
done_with

begin 'no bootstrap peer answers: exit 4, each one named with its reason'
stop_all
expect gives 4 "localhost:$boot.*refused" --username bob --timeout 1 \
    --remote_endpoint "localhost:$boot"
expect gives 4 'no-such-host.invalid:80.*' --username bob --timeout 1 \
    --remote_endpoint no-such-host.invalid:80
done_with

begin '--help and --version answer on standard output: exit 0'
expect "$moot" --help >"$work/help"
expect grep -q -- --remote_endpoint "$work/help"
expect "$moot" --version >"$work/version"
expect grep -Eq '^moot [0-9]' "$work/version"
done_with

finish
