/*
 * Install: the script that puts an agent on a host, and the line that runs it.
 *
 * The script is deploy/install.sh.in with this server's address and the SHA-256 of the
 * packages that it hands out.  Text lives in the call's arena.
 *
 * The line sets the token in front of the script and hands both to the shell by
 * standard input: it is never part of a command's arguments, which any user of a host
 * can read in /proc.  Over plain HTTP the line also names the SHA-256 of the script,
 * which names that of the package, so that who can change what is on its way can
 * prevent an installation but not alter it.
 */
#ifndef TIDEMARK_SERVER_API_INSTALL_H
#define TIDEMARK_SERVER_API_INSTALL_H

#include "server/api/call.h"

/* Where hosts find this server: console_url, or what the caller itself used ("Host").
 * NULL: that is no address. */
const char *install_address(struct call *c);

/* NULL when there is no address. */
const char *install_script_text(struct call *c);

/* The line for a host; NULL when there is no address. */
const char *install_line(struct call *c, const char *token);

#endif
