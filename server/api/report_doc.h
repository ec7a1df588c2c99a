/*
 * Report doc: a document of headings, paragraphs, lists and tables, written as HTML or
 * as Markdown.
 *
 * All texts come from outside: they are escaped, control characters are left out,
 * directions of writing stay within them, and texts longer than REPORT_TEXT_MAX
 * characters are cut.  Pure.
 */
#ifndef TIDEMARK_SERVER_API_REPORT_DOC_H
#define TIDEMARK_SERVER_API_REPORT_DOC_H

#include "common/arena.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { REPORT_NAME_MAX = 120, REPORT_TEXT_MAX = 5000 };

struct report_doc {
	struct buf *out;
	bool is_html;
	size_t columns; /* of the table that is open */
};

/* With the document's head, as far as the format has one. */
void report_doc_begin(struct report_doc *d, const char *title);
void report_doc_end(struct report_doc *d);

void report_doc_heading(struct report_doc *d, const char *text);
void report_doc_paragraph(struct report_doc *d, const char *text);

/* Markup of our own, in HTML only. */
void report_doc_markup(struct report_doc *d, const char *markup);

void report_doc_list_begin(struct report_doc *d);
void report_doc_item(struct report_doc *d, const char *text);
void report_doc_list_end(struct report_doc *d);

/* `titles` ends with NULL; so do cells, of which there are as many. */
void report_doc_table_begin(struct report_doc *d, const char *const *titles);
void report_doc_row(struct report_doc *d, const char *const *cells);
void report_doc_table_end(struct report_doc *d);

/* At most REPORT_NAME_MAX characters of a name. */
const char *report_doc_name(struct arena *a, const char *name);

/* Escaped text of either format, cut after `most` characters; 0: not cut. */
void report_doc_html(struct buf *out, const char *text, size_t most);
void report_doc_markdown(struct buf *out, const char *text, size_t most);

#endif
