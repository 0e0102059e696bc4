# objects.awk - see scripts/layers.  Reads `nm -A -f sysv` of a quiet archive:
# file:name|value|class|type|size|line|section

BEGIN {
    FS = "|"
    # Clocks, threads, files, sockets, the environment, randomness of the
    # system, output.  A dying process says one line: base may write that.
    outside = "^(time|clock|clock_gettime|gettimeofday|nanosleep|usleep|sleep" \
        "|localtime(_r)?|gmtime(_r)?|strftime|mktime" \
        "|pthread_.*|thrd_.*|mtx_.*|sem_.*|fork|exec.*|kill|signal|sigaction" \
        "|open|openat|close|read|write|fopen|fclose|fread|fwrite|fgets" \
        "|printf|vprintf|puts|putchar|perror|syslog|fprintf|vfprintf|fputs" \
        "|__printf_chk|__vprintf_chk|__fprintf_chk|__vfprintf_chk" \
        "|socket|connect|bind|listen|accept|accept4|send|sendto|recv|recvfrom" \
        "|getaddrinfo|gethostbyname|poll|select|epoll_.*|ioctl|fcntl" \
        "|getenv|setenv|secure_getenv|setlocale|random|rand|srand|srandom" \
        "|getrandom|getentropy|arc4random.*|randombytes.*|RAND_.*" \
        "|crypto_sign_keypair|ev_.*|curl_.*|MHD_.*|SSL_.*)$"
    dying = "^(fputs|fprintf|vfprintf|__fprintf_chk|__vfprintf_chk|write)$"
}

NF >= 7 {
    sub(/^.*libmoot_/, "libmoot_", $1)
    name = $1
    sub(/^.*:/, "", name)
    sub(/[ \t]+$/, "", name)
    member = $1
    sub(/:[^:]*$/, "", member)
    section = $7
    gsub(/[ \t]/, "", section)
    class = $3
    gsub(/[ \t]/, "", class)
}

NF >= 7 && class ~ /^[bBdDC]$/ && section !~ /^\.data\.rel\.ro/ {
    print member ": " name " can change, below the waterline"
}

NF >= 7 && class ~ /^[Uw]$/ && name ~ outside {
    if (layer == "base" && name ~ dying)
        next
    print member ": " name "() reaches the world from below the waterline"
}
