#include "agent/warnings/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORDS_CLASS_WITHIN = 3,  /* lines between the caret and the error's class */
	WORDS_FRAME_WITHIN = 64, /* lines of a message before the first frame */
};

struct words_span {
	const char *at, *end;
};

static const char *words_find(struct words_span line, const char *words)
{
	return memmem(line.at, (size_t)(line.end - line.at), words, strlen(words));
}

/* What stands behind the words; `at` NULL when they do not. */
static struct words_span words_behind(struct words_span line, const char *words)
{
	const char *at = words_find(line, words);
	return (struct words_span){at ? at + strlen(words) : NULL, line.end};
}

static bool words_starts(struct words_span line, const char *words)
{
	size_t length = strlen(words);
	return (size_t)(line.end - line.at) >= length &&
	       memcmp(line.at, words, length) == 0;
}

/* A whole number; *at behind it.  At most 9 digits. */
static bool words_number(struct words_span *at, uint64_t *out)
{
	uint64_t value = 0;
	const char *digit = at->at;
	while (digit < at->end && *digit >= '0' && *digit <= '9' && digit - at->at < 9)
		value = value * 10 + (uint64_t)(*digit++ - '0');
	bool ok = digit > at->at;
	at->at = digit;
	*out = value;
	return ok;
}

static bool words_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

/* Length of the identifier, with dots, at the start; 0: none. */
static size_t words_identifier(struct words_span at)
{
	const char *c = at.at;
	if (c == at.end || !words_is_letter(*c))
		return 0;
	while (c < at.end && (words_is_letter(*c) || *c == '.' || *c == '$' ||
				     (*c >= '0' && *c <= '9')))
		c++;
	return (size_t)(c - at.at);
}

/* "(node:123) " before the words; 0: not there. */
static uint32_t words_node_pid(struct words_span line)
{
	struct words_span at = words_behind(line, "(node:");
	uint64_t pid;
	if (!at.at || !words_number(&at, &pid) || at.at == at.end || *at.at != ')')
		return 0;
	return (uint32_t)pid;
}

/* "detected. 11 error listeners added to [MonitorQueue]."; Node.js 8 to 10 name no
 * emitter. */
static bool words_max_listeners(struct words_span line, struct sign *out)
{
	static const char *const starts[] = {
		"Possible EventEmitter memory leak detected. ",
		"Possible EventTarget memory leak detected. "};
	if (!words_find(line, "MaxListenersExceededWarning"))
		return false;
	struct words_span at = {0};
	for (size_t i = 0; i < 2 && !at.at; i++)
		at = words_behind(line, starts[i]);
	uint64_t count;
	if (!at.at || !words_number(&at, &count) || !words_starts(at, " "))
		return false;
	at.at++;
	const char *event_end = words_find(at, " listeners added");
	if (!event_end)
		return false;
	struct words_span event = {at.at, event_end};
	at.at = event_end + strlen(" listeners added");
	/* An event may be a symbol: its description is a name as well. */
	if (words_starts(event, "Symbol(") && event.end[-1] == ')') {
		event.at += strlen("Symbol(");
		event.end--;
	}
	*out = (struct sign){
		.kind = WARNING_MAX_LISTENERS, .pid = words_node_pid(line)};
	if (words_starts(at, " to [")) {
		at.at += strlen(" to [");
		const char *end = memchr(at.at, ']', (size_t)(at.end - at.at));
		if (end)
			sign_put_name(out, "emitter", at.at, (size_t)(end - at.at));
	}
	sign_put_name(out, "event", event.at, (size_t)(event.end - event.at));
	sign_put_number(out, "count", count);
	return true;
}

/* A frame of the program itself: "    at NAME (PATH:1:2)" or "    at PATH:1:2". */
static bool words_frame(struct words_span line, struct words_span *place)
{
	struct words_span at = words_behind(line, "    at ");
	if (!at.at)
		return false;
	const char *paren = memrchr(at.at, '(', (size_t)(at.end - at.at));
	*place = at;
	if (paren && at.end[-1] == ')')
		*place = (struct words_span){paren + 1, at.end - 1};
	return true;
}

static void words_hold_frame(struct sign *held, struct words_span place)
{
	bool is_named = held->count > 0 &&
			strcmp(held->fields[held->count - 1].name, "stack") == 0;
	bool is_path = place.at < place.end &&
		       (*place.at == '/' || words_starts(place, "file:"));
	if (is_path && !is_named)
		sign_put(held, "stack", place.at, (size_t)(place.end - place.at));
}

/* "[123:0x55]   66 ms: Mark-Compact 14.6 (28.7) -> 12.7 (29.8) MB, ..." */
static bool words_collection(struct words *w, struct words_span line)
{
	struct words_span head = words_behind(line, "[");
	struct words_span at = words_behind(line, ") -> ");
	uint64_t pid, heap, committed;
	if (!head.at || !at.at || !words_number(&head, &pid) ||
		!words_starts(head, ":0x") || !words_find(head, " ms: "))
		return false;
	if (!words_number(&at, &heap))
		return false;
	at = words_behind(at, " (");
	if (!at.at || !words_number(&at, &committed) || !words_find(at, ") MB"))
		return false;
	w->gc_pid = (uint32_t)pid;
	w->heap_mb = heap;
	w->committed_mb = committed;
	return true;
}

static bool words_node_heap(struct words *w, struct words_span line, struct sign *out)
{
	struct words_span at = words_behind(line, "FATAL ERROR: ");
	if (!at.at || !words_find(at, " out of memory"))
		return false;
	*out = (struct sign){.kind = WARNING_HEAP_OUT_OF_MEMORY, .pid = w->gc_pid};
	sign_put(out, "runtime", "node", 4);
	if (w->gc_pid) {
		sign_put_number(out, "heap_mb", w->heap_mb);
		sign_put_number(out, "committed_mb", w->committed_mb);
	}
	w->gc_pid = 0;
	return true;
}

static bool words_java_heap(struct words_span line, struct sign *out)
{
	/* Of hotspot/share: memory/universe.cpp, and java.nio.Bits. */
	static const char *const kinds[] = {"Java heap space",
		"GC overhead limit exceeded", "Metaspace", "Compressed class space",
		("Requested array size exceeds VM "
		 "limit"),
		"unable to create native thread", "unable to create new native thread",
		"direct buffer memory", "Direct buffer memory"};
	struct words_span at = words_behind(line, "java.lang.OutOfMemoryError");
	if (!at.at)
		return false;
	const char *kind = "other";
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (words_find(at, kinds[i])) {
			kind = kinds[i];
			break;
		}
	}
	*out = (struct sign){.kind = WARNING_HEAP_OUT_OF_MEMORY};
	sign_put(out, "runtime", "java", 4);
	sign_put(out, "kind", kind, strlen(kind));
	return true;
}

static bool words_python_heap(struct words_span line, struct sign *out)
{
	size_t length = words_identifier(line);
	static const char name[] = "MemoryError";
	size_t tail = sizeof name - 1;
	bool is_array = words_find(line, "._ArrayMemoryError") != NULL;
	if (length < tail || memcmp(line.at + length - tail, name, tail) != 0 ||
		(length > tail && !is_array) ||
		(line.at + length < line.end && line.at[length] != ':'))
		return false;
	*out = (struct sign){.kind = WARNING_HEAP_OUT_OF_MEMORY};
	sign_put(out, "runtime", "python", 6);
	return true;
}

static void words_exception(struct sign *out, const char *name, size_t length)
{
	*out = (struct sign){.kind = WARNING_UNCAUGHT_EXCEPTION};
	sign_put_name(out, "error", name, length);
}

/* 'Exception in thread "main" a.b.C: message' */
static bool words_java_exception(struct words_span line, struct sign *out)
{
	struct words_span at = words_behind(line, "Exception in thread \"");
	at = at.at ? words_behind(at, "\" ") : at;
	size_t length = at.at ? words_identifier(at) : 0;
	if (length)
		words_exception(out, at.at, length);
	return length > 0;
}

/* A logger's line: "uncaughtException" and an identifier that ends as errors do. */
static bool words_logged_exception(struct words_span line, struct sign *out)
{
	struct words_span at = words_behind(line, "uncaughtException");
	while (at.at && at.at < at.end) {
		size_t length = words_identifier(at);
		static const char *const tails[] = {"Error", "Exception"};
		for (size_t i = 0; i < 2; i++) {
			size_t tail = strlen(tails[i]);
			if (length >= tail &&
				memcmp(at.at + length - tail, tails[i], tail) == 0) {
				words_exception(out, at.at, length);
				return true;
			}
		}
		at.at += length ? length : 1;
	}
	return false;
}

/* Only blanks, then carets: below the line of source that threw. */
static bool words_is_caret(struct words_span line)
{
	const char *c = line.at;
	while (c < line.end && (*c == ' ' || *c == '\t'))
		c++;
	const char *first = c;
	while (c < line.end && *c == '^')
		c++;
	return c == line.end && c > first;
}

/* The line below the caret that begins with the class, as in "TypeError: message". */
static void words_class(struct words *w, struct words_span line)
{
	if (words_starts(line, "["))
		line.at++;
	size_t length = words_identifier(line);
	const char *next = line.at + length;
	w->class_name[0] = '\0';
	if (length > 0 && length < sizeof w->class_name &&
		(next == line.end || *next == ':' || *next == ' ')) {
		memcpy(w->class_name, line.at, length);
		w->class_name[length] = '\0';
	}
	w->class_within = 0;
	w->frame_within = WORDS_FRAME_WITHIN;
}

/* Node's own trace: source, caret, an empty line, class and message, frames, version.
 * A message has any number of lines and a thrown text none that we may take, so that
 * only a frame says that what began the message was a class. */
static bool words_node_exception(
	struct words *w, struct words_span line, bool is_frame, struct sign *out)
{
	if (words_is_caret(line)) {
		w->class_within = WORDS_CLASS_WITHIN;
		w->frame_within = 0;
		return false;
	}
	bool is_end = words_starts(line, "Node.js v");
	if (w->frame_within > 0 && (is_frame || is_end)) {
		/* Up to Node 18 this one comes without frames. */
		bool is_known = strcmp(w->class_name, "UnhandledPromiseRejection") == 0;
		bool is_class = is_known || (is_frame && w->class_name[0]);
		const char *name = is_class ? w->class_name : "not-an-error";
		words_exception(out, name, strlen(name));
		w->frame_within = 0;
		return true;
	}
	if (w->class_within > 0) {
		w->class_within--;
		if (line.at < line.end)
			words_class(w, line);
	} else if (w->frame_within > 0)
		w->frame_within--;
	return false;
}

static bool words_other(struct words *w, struct words_span line, struct sign *out)
{
	struct words_span place;
	bool is_frame = words_frame(line, &place);
	if (words_node_exception(w, line, is_frame, out))
		return true;
	if (is_frame || words_collection(w, line))
		return false;
	return words_node_heap(w, line, out) || words_java_heap(line, out) ||
	       words_python_heap(line, out) || words_java_exception(line, out) ||
	       words_logged_exception(line, out);
}

bool words_flush(struct words *w, struct sign *out)
{
	if (!w->has_held)
		return false;
	*out = w->held;
	w->has_held = false;
	return true;
}

size_t words_line(struct words *w, const char *line, size_t length, struct sign out[2])
{
	struct words_span span = {line, line + length}, place;
	size_t count = 0;
	if (length > 0 && line[length - 1] == '\r')
		span.end--;
	if (w->has_held && words_frame(span, &place)) {
		words_hold_frame(&w->held, place);
		return 0;
	}
	count += words_flush(w, &out[count]);
	if (words_max_listeners(span, &w->held))
		w->has_held = true;
	else
		count += words_other(w, span, &out[count]);
	return count;
}
