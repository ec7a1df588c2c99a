/*
 * Storage lock: the advisory lock of a transaction that guards storage.closed_to.
 *
 * Who writes readings shares it, from before the bound is read to the commit
 * (storage_hold in SQL).  Who moves the bound takes it alone, in a short transaction:
 * once it has it, nobody writes readings by the old bound any more, and those who wait
 * read the new one.
 */
#ifndef TIDEMARK_SERVER_STORE_STORAGE_LOCK_H
#define TIDEMARK_SERVER_STORE_STORAGE_LOCK_H

#define STORAGE_LOCK INT64_C(0x74696465) /* "tide" */

#endif
