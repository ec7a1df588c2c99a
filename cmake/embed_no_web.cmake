# An empty asset table, for builds without the console.
file(WRITE ${OUT}/assets.h "#include <stddef.h>
struct asset {
	const char *path, *type, *etag;
	const unsigned char *gzip;
	size_t gzip_length;
	int immutable;
};
extern const struct asset assets[];
extern const size_t asset_count;
")
file(WRITE ${OUT}/assets.c "#include \"assets.h\"
const struct asset assets[1] = {{0}};
const size_t asset_count = 0;
")
