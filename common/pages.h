/*
 * Pages: a program's own memory that it can do without.
 */
#ifndef TIDEMARK_COMMON_PAGES_H
#define TIDEMARK_COMMON_PAGES_H

/* Gives back the pages of programs and libraries that are mapped and can be read again
 * from their files: most were needed for the start alone (symbols, relocations), or
 * came with a neighbour.  What is used is mapped again when it is, for some hundred
 * page faults.  Nothing that was ever written is touched.  Any thread. */
void pages_give_back(void);

#endif
