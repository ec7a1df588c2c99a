#include "server/api/encoding.h"
#include "server/api/handlers.h"

#include "assets.h"

#include <string.h>

enum { ASSETS_INFLATED_MAX = 16 << 20 };

/* Nothing but our own files; no inline code or style; no text becomes code. */
#define ASSETS_POLICY                                                                  \
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src "        \
	"'self'; "                                                                     \
	"img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "       \
	"frame-ancestors 'none'; require-trusted-types-for 'script'; "                 \
	"trusted-types 'none'"

static const struct asset *assets_find(const char *path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (strcmp(assets[i].path, path) == 0)
			return &assets[i];
	return NULL;
}

static bool assets_write(struct call *c, const struct asset *asset)
{
	struct http_response *r = c->response;
	r->type = asset->type;
	http_add_header(r, "Cache-Control",
		asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
	http_add_header(r, "Content-Security-Policy", ASSETS_POLICY);
	if (!encoding_takes_gzip(http_header(c->request, "Accept-Encoding"))) {
		http_add_header(r, "ETag", asset->etag);
		BUG_ON(!encoding_gunzip(asset->gzip, asset->gzip_length,
			ASSETS_INFLATED_MAX, &r->body));
		return true;
	}
	char etag[ENCODING_ETAG_SIZE];
	encoding_etag_gzip(asset->etag, etag);
	http_add_header(r, "ETag", arena_strdup(c->arena, etag));
	r->constant = asset->gzip;
	r->constant_length = asset->gzip_length;
	r->is_encoded = true;
	return true;
}

/* A page of the console, such as /services/7 or /snapshots/3...5: no file, its last
 * part has no extension. */
static bool assets_is_page(const char *path)
{
	const char *last = strrchr(path, '/');
	const char *dot = last ? strrchr(last, '.') : NULL;
	return last && (!dot || (dot[1] >= '0' && dot[1] <= '9'));
}

bool assets_route_get(struct call *c, struct err *e)
{
	const char *path = c->request->path;
	const struct asset *asset = assets_find(path);
	if (!asset && assets_is_page(path))
		asset = assets_find("/index.html");
	if (!asset)
		return call_problem(c, 404, e, "there is nothing at this address");
	return assets_write(c, asset);
}

bool assets_route_openapi(struct call *c, struct err *e)
{
	const struct asset *asset = assets_find("/openapi.json");
	if (!query_finish(&c->query, e))
		return false;
	if (!asset)
		return call_problem(
			c, 404, e, "this server was built without its description");
	return assets_write(c, asset);
}
