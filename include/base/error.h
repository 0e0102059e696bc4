/*
 * base/error.h - the closed list of ways in which the world can refuse.
 *
 * A function that can fail returns 0 or one of these.  A broken promise of our
 * own is not an error: see base/assert.h.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_ERROR_H
#define MOOT_BASE_ERROR_H

enum moot_error {
    MOOT_OK = 0,
    MOOT_EAGAIN = -1,      /* not yet: more bytes, more time */
    MOOT_EPROTO = -2,      /* what arrived breaks the protocol */
    MOOT_ELIMIT = -3,      /* a bound is reached */
    MOOT_EINVAL = -4,      /* what was given cannot be right */
    MOOT_ESYS = -5,        /* the operating system refused; errno was logged */
    MOOT_ENONE = -6,       /* there is no such thing */
    MOOT_EVERSION = -7,    /* another major version */
    MOOT_EKEY = -8,        /* another identity than the expected one */
    MOOT_ETIMEOUT = -9,    /* no answer in time */
    MOOT_EREFUSED = -10,   /* nobody listens there */
    MOOT_ERESET = -11,     /* the other side cut the connection */
    MOOT_ECLOSED = -12,    /* the other side closed the connection */
    MOOT_EUNREACH = -13,   /* no way to that host */
    MOOT_ENAME = -14,      /* the host name does not resolve */
    MOOT_ETLS = -15,       /* the TLS handshake failed */
    MOOT_EGROUP = -16,     /* refused: another group */
    MOOT_EPROOF = -17,     /* refused: membership was not proven */
    MOOT_EFULL = -18,      /* refused: no room for one more */
    MOOT_ESLOW = -19,      /* it did not take what was sent to it */
    MOOT_ESILENT = -20,    /* it has not answered for too long */
    MOOT_EBUSY = -21,      /* the address is in use */
    MOOT_EANSWER = -22,    /* the answer makes no sense */
    MOOT_ESELF = -23,      /* it was ourselves */
    MOOT_EINVITE = -24,    /* a closed group, and we have no secret */
    MOOT_ESECRET = -25,    /* a closed group, and our secret does not fit */
    MOOT_EOPEN = -26,      /* an open group, and ours is closed */
    MOOT_EDIRECTORY = -27, /* a directory has no room for one more group */
    MOOT_EMANY = -28,      /* too many requests from here for now */
    MOOT_EUNMET = -29,     /* nobody met who signed the answer */
    MOOT_ESTALE = -30,     /* the answer is to another question */
    MOOT_ESIGNED = -31,    /* the answer is not signed by who it says */
    MOOT_EREDIRECT = -32,  /* the server points elsewhere */
    MOOT_ESTATUS = -33,    /* the server says no */
    MOOT_EOUTSIDE = -34,   /* the newest secret is not for who says so */
    MOOT_ECERT = -35,      /* nobody known here vouches for the web server */
    MOOT_ERRORS = 36       /* how many there are; keep it last */
};

/* A short phrase such as "connection refused".  Never NULL. */
const char *moot_error_text(int error);

/* One word of [a-z_] such as "refused", for figures.  Never NULL. */
const char *moot_error_word(int error);

#endif
