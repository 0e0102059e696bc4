/*
 * wire/ip_internal.h - IPv4 and IPv6 literals as text and as bytes.
 *
 * Stricter than the C library on purpose: no "127.1", no octal, no hex, no
 * zones, so a literal means one address everywhere.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_IP_INTERNAL_H
#define MOOT_WIRE_IP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOOT_IP4_TEXT_MAX 16 /* four numbers of three digits, and the zero */
#define MOOT_IP6_TEXT_MAX 40 /* eight groups of four digits, and the zero */

/* Four decimal numbers without leading zeros.  out is scratch on failure. */
bool moot_ip4_parse(const char *text, size_t len, uint8_t out[4]);

/* RFC 4291 2.2, all three forms.  out is scratch on failure. */
bool moot_ip6_parse(const char *text, size_t len, uint8_t out[16]);

/* Is it an IPv4 address in IPv6 clothes (::ffff:0:0/96)? */
bool moot_ip6_mapped(const uint8_t ip[16]);

void moot_ip4_format(const uint8_t ip[4], char out[MOOT_IP4_TEXT_MAX]);

/* RFC 5952: the one recommended text. */
void moot_ip6_format(const uint8_t ip[16], char out[MOOT_IP6_TEXT_MAX]);

/* Writes value in base 10 or 16, no zero byte; returns the place behind. */
char *moot_ip_number(char *at, unsigned value, unsigned base);

#endif
