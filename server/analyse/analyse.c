#include "server/analyse/analyse.h"

const char *analyse_verdict_name(enum analyse_verdict verdict)
{
	static const char *const names[] = {
		[ANALYSE_UNUSABLE] = "unusable",
		[ANALYSE_LEARNING] = "learning",
		[ANALYSE_STEADY] = "steady",
		[ANALYSE_CYCLIC] = "cyclic",
		[ANALYSE_LOAD] = "load",
		[ANALYSE_WARMUP] = "warmup",
		[ANALYSE_STEP] = "step",
		[ANALYSE_FRAGMENTATION] = "fragmentation",
		[ANALYSE_WATCH] = "watch",
		[ANALYSE_BACKLOG] = "backlog",
		[ANALYSE_NATIVE_GROWTH] = "native",
		[ANALYSE_LEAK] = "leak",
	};
	return names[verdict];
}

const char *analyse_kind_name(enum analyse_kind kind)
{
	static const char *const names[] = {
		[ANALYSE_KIND_NONE] = "",
		[ANALYSE_KIND_LEAK] = "leak",
		[ANALYSE_KIND_NATIVE] = "native",
		[ANALYSE_KIND_BACKLOG] = "backlog",
		[ANALYSE_KIND_VERSION] = "version",
	};
	return names[kind];
}

const char *analyse_level_name(enum analyse_level level)
{
	static const char *const names[] = {
		[ANALYSE_QUIET] = "",
		[ANALYSE_EARLY] = "watch",
		[ANALYSE_CONFIRMED] = "confirmed",
	};
	return names[level];
}

const char *analyse_series_name(enum analyse_series series)
{
	static const char *const names[] = {
		[ANALYSE_RSS] = "rss",
		[ANALYSE_RSS_ANON] = "rss_anon",
		[ANALYSE_NATIVE] = "native",
		[ANALYSE_HEAP_USED] = "heap_used",
		[ANALYSE_HEAP_FLOOR] = "heap_floor",
	};
	return names[series];
}
