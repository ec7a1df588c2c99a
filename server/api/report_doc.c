#include "server/api/report_doc.h"

#include "common/utf8.h"

#include <string.h>

/* No scripts and nothing from elsewhere, wherever the file is opened. */
static const char report_doc_head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
	":root{color-scheme:light dark;--ink:#1d2530;--dim:#5a6675;--line:#d5dbe3;"
	"--leak:#b42318;--calm:#5b7083;--paper:#fff}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e3e8ee;--dim:#9aa7b5;"
	"--line:#39434f;--leak:#ff8a7a;--calm:#8fa3b5;--paper:#12171d}}\n"
	"@media print{:root{--ink:#000;--dim:#444;--paper:#fff}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);"
	"background:var(--paper);max-width:68rem;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;margin:2rem 0 "
	".5rem}\n"
	"h1,p,li,td,th{overflow-wrap:anywhere;unicode-bidi:isolate}\n"
	"p,li{white-space:pre-line}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;"
	"border-bottom:1px solid var(--line);min-width:7.5rem}\n"
	"th{color:var(--dim);font-weight:600}\n"
	".wide{overflow-x:auto}\n"
	"svg{width:100%;height:auto;font:12px system-ui,sans-serif}\n"
	"svg text{fill:var(--dim)}.axis{stroke:var(--line)}\n"
	".leak,.calm{fill:none;stroke-width:1.6}.leak{stroke:var(--leak)}\n"
	".calm{stroke:var(--calm);stroke-dasharray:5 3}\n"
	".onset{stroke:var(--dim);stroke-dasharray:2 3}\n"
	"</style>\n<title>";

/* Writes what is to stand for one character; false: it stands for itself. */
typedef bool (*report_doc_escape)(struct buf *out, char c);

static bool report_doc_escape_html(struct buf *out, char c)
{
	const char *text = c == '&'    ? "&amp;"
			   : c == '<'  ? "&lt;"
			   : c == '>'  ? "&gt;"
			   : c == '"'  ? "&quot;"
			   : c == '\'' ? "&#39;"
				       : NULL;
	if (text)
		buf_text(out, text);
	return text != NULL;
}

static const char report_doc_marks[] = "\\`*_[]#|~";

/* What begins markup, HTML included; a line's end would end a cell or an item. */
static bool report_doc_escape_markdown(struct buf *out, char c)
{
	if (c == '&' || c == '<' || c == '>')
		return report_doc_escape_html(out, c);
	if (c == '\n')
		buf_byte(out, ' ');
	else if (strchr(report_doc_marks, c))
		buf_printf(out, "\\%c", c);
	return c == '\n' || strchr(report_doc_marks, c);
}

/* Controls that turn the direction of writing, U+202A to U+202E and U+2066 to U+2069:
 * they would turn what follows the text. */
static bool report_doc_turns(const char *text)
{
	const unsigned char *b = (const unsigned char *)text;
	return b[0] == 0xe2 && ((b[1] == 0x80 && b[2] >= 0xaa && b[2] <= 0xae) ||
				       (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9));
}

static void report_doc_put(
	struct buf *out, const char *text, size_t most, report_doc_escape escape)
{
	size_t count = 0;
	while (*text) {
		size_t step = utf8_character(text);
		bool is_control = step == 1 && *text != '\n' &&
				  ((unsigned char)*text < ' ' || *text == 127);
		if (!step || is_control || report_doc_turns(text)) {
			text += step ? step : 1;
			continue;
		}
		if (most && count++ == most) {
			buf_text(out, "…");
			return;
		}
		if (step > 1 || !escape(out, *text))
			buf_append(out, text, step);
		text += step;
	}
}

const char *report_doc_name(struct arena *a, const char *name)
{
	const char *at = name;
	for (size_t i = 0; *at; i++) {
		size_t step = utf8_character(at);
		if (i == REPORT_NAME_MAX)
			return arena_printf(a, "%.*s…", (int)(at - name), name);
		at += step ? step : 1;
	}
	return name;
}

void report_doc_html(struct buf *out, const char *text, size_t most)
{
	report_doc_put(out, text, most, report_doc_escape_html);
}

void report_doc_markdown(struct buf *out, const char *text, size_t most)
{
	report_doc_put(out, text, most, report_doc_escape_markdown);
}

static void report_doc_text(struct report_doc *d, const char *text, size_t most)
{
	(d->is_html ? report_doc_html : report_doc_markdown)(d->out, text, most);
}

/* One text between what the formats put around it. */
static void report_doc_wrap(struct report_doc *d, const char *const html[2],
	const char *const markdown[2], const char *text)
{
	const char *const *around = d->is_html ? html : markdown;
	buf_text(d->out, around[0]);
	report_doc_text(d, text, REPORT_TEXT_MAX);
	buf_text(d->out, around[1]);
}

void report_doc_begin(struct report_doc *d, const char *title)
{
	static const char *const html[2] = {"<h1>", "</h1>\n"};
	static const char *const markdown[2] = {"# ", "\n"};
	if (d->is_html) {
		buf_text(d->out, report_doc_head);
		report_doc_html(d->out, title, REPORT_NAME_MAX);
		buf_text(d->out, "</title>\n</head>\n<body>\n");
	}
	report_doc_wrap(d, html, markdown, title);
}

void report_doc_end(struct report_doc *d)
{
	if (d->is_html)
		buf_text(d->out, "</body>\n</html>\n");
}

void report_doc_heading(struct report_doc *d, const char *text)
{
	static const char *const html[2] = {"<h2>", "</h2>\n"};
	static const char *const markdown[2] = {"\n## ", "\n"};
	report_doc_wrap(d, html, markdown, text);
}

void report_doc_paragraph(struct report_doc *d, const char *text)
{
	static const char *const html[2] = {"<p>", "</p>\n"};
	static const char *const markdown[2] = {"\n", "\n"};
	report_doc_wrap(d, html, markdown, text);
}

void report_doc_markup(struct report_doc *d, const char *markup)
{
	if (d->is_html)
		buf_text(d->out, markup);
}

void report_doc_list_begin(struct report_doc *d)
{
	buf_text(d->out, d->is_html ? "<ul>\n" : "\n");
}

void report_doc_item(struct report_doc *d, const char *text)
{
	static const char *const html[2] = {"<li>", "</li>\n"};
	static const char *const markdown[2] = {"- ", "\n"};
	report_doc_wrap(d, html, markdown, text);
}

void report_doc_list_end(struct report_doc *d)
{
	report_doc_markup(d, "</ul>\n");
}

void report_doc_table_begin(struct report_doc *d, const char *const *titles)
{
	d->columns = 0;
	buf_text(d->out, d->is_html ? "<div class=\"wide\"><table>\n<tr>" : "\n|");
	for (; titles[d->columns]; d->columns++) {
		buf_text(d->out, d->is_html ? "<th scope=\"col\">" : " ");
		report_doc_text(d, titles[d->columns], 0);
		buf_text(d->out, d->is_html ? "</th>" : " |");
	}
	buf_text(d->out, d->is_html ? "</tr>\n" : "\n|");
	for (size_t i = 0; !d->is_html && i < d->columns; i++)
		buf_text(d->out, " --- |");
	if (!d->is_html)
		buf_byte(d->out, '\n');
}

void report_doc_row(struct report_doc *d, const char *const *cells)
{
	buf_text(d->out, d->is_html ? "<tr>" : "|");
	for (size_t i = 0; i < d->columns; i++) {
		buf_text(d->out, d->is_html ? "<td>" : " ");
		report_doc_text(d, cells[i] ? cells[i] : "", REPORT_TEXT_MAX);
		buf_text(d->out, d->is_html ? "</td>" : " |");
	}
	buf_text(d->out, d->is_html ? "</tr>\n" : "\n");
}

void report_doc_table_end(struct report_doc *d)
{
	report_doc_markup(d, "</table></div>\n");
}
