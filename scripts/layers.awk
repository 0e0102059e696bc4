# layers.awk - see scripts/layers.  Reads docs/layers.txt, then sources.

BEGIN {
    FUNCTION_MAX = 70
    FILE_MAX = 800
    COLUMNS = 80
    # What the quiet half may take from outside.  stdio.h formats text there;
    # what else it has to offer is refused in the objects.
    quiet_ok = " stdarg.h stdbool.h stddef.h stdint.h inttypes.h limits.h " \
        "stdio.h stdlib.h string.h sodium.h openssl/bn.h openssl/evp.h " \
        "openssl/hmac.h openssl/x509.h openssl/asn1.h openssl/bio.h " \
        "openssl/err.h openssl/obj_mac.h jansson.h " \
        "protobuf-c/protobuf-c.h utf8proc.h uthash.h utlist.h "
    banned = "strcpy strcat strncpy sprintf vsprintf gets strtok atoi atol " \
        "alloca system popen setjmp longjmp rand srand"
    banned_count = split(banned, banned_call, " ")
}

# --- docs/layers.txt ----------------------------------------------------------

FILENAME ~ /layers\.txt$/ {
    if ($0 ~ /^#/ || $0 ~ /^[ \t]*$/)
        next
    sub(/[ \t]*:.*/, "")
    if ($1 ~ /^~/) {
        under = 1
        next
    }
    storey++
    for (i = 1; i <= NF; i++) {
        floor_of[$i] = storey
        quiet[$i] = under
        order[++layers] = $i
    }
    next
}

function report(what)
{
    printf "%s:%d: %s\n", FILENAME, FNR, what
    findings++
}

# --- sources ------------------------------------------------------------------

FNR == 1 {
    finish_file()
    part_count = split(FILENAME, part, "/")
    product = part[1] == "include" || part[1] == "src"
    mine = product ? part[2] : ""
    file = FILENAME
    in_comment = 0
    in_function = 0
    head_open = 1
    head_layer = head_thread = 0
    if (product && !(mine in floor_of))
        report("no layer is called " mine)
    if ($0 != "/*")
        report("a file opens with a comment that says what it is")
}

{
    last_line = FNR
    check_head()
    check_width()
    if ($0 ~ /(^|[^A-Za-z_])(TODO|FIXME)([^A-Za-z_]|$)/)
        report("something is left to do")
    code = strip($0)
    if (product && code ~ /^[ \t]*#[ \t]*include/)
        check_include($0)
    check_code()
    check_function()
}

END {
    if (want == "make")
        print_make()
    else if (want == "quiet")
        print_quiet()
    else {
        finish_file()
        exit findings > 0
    }
}

function check_head(    name)
{
    if (!head_open)
        return
    name = FILENAME
    sub(/^(include|src)\//, "", name)
    if (FNR == 2 && index($0, " * " name " - ") != 1 &&
        index($0, " * " FILENAME " - ") != 1)
        report("the head comment begins with \"" name " - \"")
    if ($0 ~ /^ \* Layer: /) {
        head_layer = 1
        name = $3
        sub(/[^a-z].*/, "", name)
        if (product && name != mine)
            report("the head comment says layer " name)
    }
    if ($0 ~ /^ \* Thread: /)
        head_thread = 1
    if ($0 ~ /\*\//) {
        head_open = 0
        if (!head_layer || !head_thread)
            report("the head comment names no layer or no thread")
    }
}

function check_width(    text)
{
    text = $0
    gsub(/[\200-\277]/, "", text)
    if (length(text) > COLUMNS)
        report("longer than " COLUMNS " columns")
}

function check_include(line,    name, dir, base)
{
    if (line ~ /<[^>]*>/) {
        name = line
        sub(/^[^<]*</, "", name)
        sub(/>.*/, "", name)
        if (!quiet[mine] || index(quiet_ok, " " name " "))
            return
        report("<" name "> below the waterline")
        return
    }
    name = line
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    if (name !~ /\//)
        return
    dir = base = name
    sub(/\/.*/, "", dir)
    sub(/.*\//, "", base)
    if (dir == mine)
        return
    if (!(dir in floor_of))
        report("\"" name "\" is of no layer")
    else if (floor_of[dir] < floor_of[mine])
        report(mine " includes \"" name "\" of a layer above")
    else if (floor_of[dir] == floor_of[mine])
        report(mine " includes \"" name "\" of its neighbour")
    else if (base ~ /_internal\.h$/)
        report("\"" name "\" is nobody else's business")
}

# The line without comments, and with empty strings.
function strip(line,    out, two, i, n, quote)
{
    out = ""
    n = length(line)
    for (i = 1; i <= n; i++) {
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                i++
            }
            continue
        }
        if (two == "/*") {
            in_comment = 1
            i++
            continue
        }
        quote = substr(line, i, 1)
        if (quote != "\"" && quote != "'") {
            out = out quote
            continue
        }
        for (i++; i <= n && substr(line, i, 1) != quote; i++)
            if (substr(line, i, 1) == "\\")
                i++
        out = out quote quote
    }
    return out
}

function check_code(    i)
{
    if (code ~ /\/\//)
        report("a // comment")
    if (!product || code !~ /\(/)
        return
    for (i = 1; i <= banned_count; i++)
        if (code ~ ("(^|[^A-Za-z0-9_>.])" banned_call[i] "[ ]*\\("))
            report(banned_call[i] "() is banned")
}

function check_function()
{
    if (code == "{") {
        in_function = FNR
        return
    }
    if (code != "}" || !in_function)
        return
    if (FNR - in_function - 1 > FUNCTION_MAX)
        report("the function that ends here has " FNR - in_function - 1 \
            " lines, more than " FUNCTION_MAX)
    in_function = 0
}

function finish_file()
{
    if (file != "" && last_line > FILE_MAX) {
        printf "%s:%d: more than %d lines\n", file, last_line, FILE_MAX
        findings++
    }
    file = ""
}

# --- for others ---------------------------------------------------------------

function print_make(    i, j)
{
    printf "LAYERS :="
    for (i = 1; i <= layers; i++)
        printf " %s", order[i]
    printf "\nQUIET_LAYERS :="
    for (i = 1; i <= layers; i++)
        if (quiet[order[i]])
            printf " %s", order[i]
    print ""
    for (i = 1; i <= layers; i++) {
        printf "BELOW_%s :=", order[i]
        for (j = i + 1; j <= layers; j++)
            if (floor_of[order[j]] > floor_of[order[i]])
                printf " %s", order[j]
        print ""
    }
}

function print_quiet(    i)
{
    for (i = 1; i <= layers; i++)
        if (quiet[order[i]])
            print order[i]
}
