/*
 * wire/message_internal.h - the field numbers both directions share.
 *
 * The kinds of message are their own numbers: see enum moot_message_kind.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_MESSAGE_INTERNAL_H
#define MOOT_WIRE_MESSAGE_INTERNAL_H

enum moot_hello_field {
    MOOT_HELLO_MAJOR = 1,
    MOOT_HELLO_MINOR = 2,
    MOOT_HELLO_GROUP_TAG = 3,
    MOOT_HELLO_NAME_TAG = 4,
    MOOT_HELLO_RUN = 5,
    MOOT_HELLO_PROOF = 6,
    MOOT_HELLO_OLDER = 7
};

enum moot_welcome_field {
    MOOT_WELCOME_RECORD = 1,
    MOOT_WELCOME_SIG = 2,
    MOOT_WELCOME_SEEN = 3,
    MOOT_WELCOME_GENERATION = 4
};

enum moot_refuse_field {
    MOOT_REFUSE_F_WHY = 1,
    MOOT_REFUSE_F_MAJOR = 2,
    MOOT_REFUSE_F_GROUP = 3,
    MOOT_REFUSE_F_WEIGHT = 4
};

enum moot_bye_field {
    MOOT_BYE_F_KIND = 1,
    MOOT_BYE_F_REASON = 2
};

enum moot_ping_field {
    MOOT_PING_NONCE = 1,
    MOOT_PING_LOG = 2,
    MOOT_PING_ROSTER = 3,
    MOOT_PING_SYNC = 4,
    MOOT_PING_ENTRIES = 5
};

enum moot_entries_field {
    MOOT_ENTRIES_ASKED = 1,
    MOOT_ENTRIES_AT = 2
};

enum moot_authors_field {
    MOOT_AUTHORS_AFTER = 1,
    MOOT_AUTHORS_LAST = 2,
    MOOT_AUTHORS_AT = 3
};

enum moot_author_digest_field {
    MOOT_AUTHOR_DIGEST_AUTHOR = 1,
    MOOT_AUTHOR_DIGEST_DIGEST = 2
};

enum moot_chains_field {
    MOOT_CHAINS_F_AUTHOR = 1,
    MOOT_CHAINS_F_AFTER_RUN = 2,
    MOOT_CHAINS_F_FIRST = 3,
    MOOT_CHAINS_F_LAST = 4,
    MOOT_CHAINS_F_ASK = 5,
    MOOT_CHAINS_F_AT = 6
};

enum moot_chain_head_field {
    MOOT_CHAIN_HEAD_RUN = 1,
    MOOT_CHAIN_HEAD_LEN = 2,
    MOOT_CHAIN_HEAD_HEAD = 3,
    MOOT_CHAIN_HEAD_FORK_SEQ = 4,
    MOOT_CHAIN_HEAD_FORK_HASH = 5
};

enum moot_range_field {
    MOOT_RANGE_AUTHOR = 1,
    MOOT_RANGE_RUN = 2,
    MOOT_RANGE_FROM = 3,
    MOOT_RANGE_TO = 4
};

enum moot_list_field {
    MOOT_LIST_AT = 1, /* of WANT, LACK, MEMBERS and WHO */
    MOOT_LACK_BEGIN = 2
};

enum moot_hint_field {
    MOOT_HINT_RECORD = 1,
    MOOT_HINT_SIG = 2,
    MOOT_HINT_SEEN = 3
};

enum moot_linked_field {
    MOOT_LINKED_FULL = 1,
    MOOT_LINKED_UP = 2,
    MOOT_LINKED_DOWN = 3
};

enum moot_probe_field {
    MOOT_PROBE_ID = 1,
    MOOT_PROBE_ALIVE = 2
};

enum moot_move_field {
    MOOT_MOVE_GROUP = 1,
    MOOT_MOVE_WEIGHT = 2
};

enum moot_fork_field {
    MOOT_FORK_FIRST = 1,
    MOOT_FORK_SECOND = 2
};

enum moot_ack_field {
    MOOT_ACK_RUN = 1,
    MOOT_ACK_SEQ = 2
};

#endif
