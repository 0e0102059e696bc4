#!/bin/bash
# layers.sh - a planted violation of the layers does not build or does not pass
# the checker.  In a copy of the tree: an include that climbs, a call that
# climbs, a call to a neighbour, a system header, a clock and a variable below
# the waterline.

# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

copy=$work/tree
mkdir "$copy"

# What is built already need not be built again: only what is planted is.
if [ -d "$root/build/release/lib" ]; then
    mkdir -p "$copy/build/release"
    cp -a "$root/build/layers.mk" "$copy/build"
    for part in src gen lib alone; do
        cp -a "$root/build/release/$part" "$copy/build/release"
    done
fi

fresh() {
    rm -rf "$copy/src"
    mkdir -p "$copy/tests"
    cp -a "$root/Makefile" "$root/scripts" "$root/docs" "$root/include" \
        "$root/src" "$copy"
}

check() {
    make -s -C "$copy" -j2 check-layers >"$work/check.out" 2>&1
}

# plant LAYER INCLUDES BODY - a new file in the layer.
plant() {
    mkdir -p "$copy/src/$1"
    {
        echo '/*'
        echo " * $1/planted.c - a violation."
        echo ' *'
        echo " * Layer:  $1."
        echo ' * Thread: any.'
        echo ' */'
        printf '%s\n\n%s\n' "$2" "$3"
    } >"$copy/src/$1/planted.c"
}

# refused PATTERN - the check fails, and for this reason.
refused() {
    if check; then
        echo '    it was let through'
        return 1
    fi
    grep -Eq -- "$1" "$work/check.out" && return
    tail -n 20 "$work/check.out" | sed "s/^/    /"
    return 1
}

calls() {
    printf 'int %s(void);\nint planted(void);\n\nint planted(void)\n{\n    return %s();\n}\n' \
        "$1" "$1"
}

# defines NAME - a function for others to call.
defines() {
    printf 'int %s(void);\n\nint %s(void)\n{\n    return 0;\n}\n' "$1" "$1"
}

begin 'the tree as it is passes'
fresh
expect check
[ -z "$broken" ] || tail -n 20 "$work/check.out"
done_with

begin 'an include of a layer above is refused'
fresh
plant base '#include "wire/frame.h"' 'extern int planted;'
expect refused 'base/planted.c:7: base includes "wire/frame.h" of a layer above'
done_with

begin 'an include of a neighbour is refused'
fresh
plant boot '#include "group/chain.h"' 'extern int planted;'
expect refused 'boot/planted.c:7: boot includes "group/chain.h" of its neighbour'
done_with

begin 'a call to a layer above is refused'
fresh
plant wire '' "$(defines planted_above)"
plant base '' "$(calls planted_above)"
expect refused 'undefined reference to .planted_above'
done_with

begin 'a call to a neighbour is refused'
fresh
plant net '' "$(defines planted_beside)"
plant store '' "$(calls planted_beside)"
expect refused 'undefined reference to .planted_beside'
done_with

begin 'a system header below the waterline is refused'
fresh
plant group '#include <sys/socket.h>' 'extern int planted;'
expect refused 'group/planted.c:7: <sys/socket.h> below the waterline'
done_with

begin 'a clock below the waterline is refused'
fresh
plant node '' 'long time(long *);
long planted(void);

long planted(void)
{
    return time((void *)0);
}'
expect refused 'time\(\) reaches the world from below the waterline'
done_with

begin 'a variable below the waterline is refused'
fresh
plant ident '' 'int planted(void);

int planted(void)
{
    static int count;

    return ++count;
}'
expect refused 'count[.0-9]* can change, below the waterline'
done_with

begin 'a layer that is not in the list is refused'
fresh
mkdir "$copy/src/attic"
cp "$copy/src/base/alloc.c" "$copy/src/attic/alloc.c"
expect refused 'no layer is called attic'
done_with

finish
