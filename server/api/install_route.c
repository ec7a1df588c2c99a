#include "server/api/downloads.h"
#include "server/api/handlers.h"
#include "server/api/install.h"
#include "server/api/packages.h"
#include "server/api/shared.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct install_route_reader {
	struct api_shared *shared;
	struct http_content content;
	int fd, place;
};

bool install_route_script(struct call *c, struct err *e)
{
	const char *script;
	if (!query_finish(&c->query, e))
		return false;
	script = install_script_text(c);
	if (!script)
		return call_problem(c, 400, e, "Host: that is no address");
	struct http_response *r = c->response;
	r->type = "text/x-shellscript; charset=utf-8";
	http_add_header(r, "Cache-Control", "no-cache");
	buf_text(&r->body, script);
	return true;
}

static ssize_t install_route_read(void *context, uint64_t offset, char *to, size_t room)
{
	const struct install_route_reader *r = context;
	ssize_t n = pread(r->fd, to, room, (off_t)offset);
	return n > 0 ? n : -1;
}

static void install_route_close(void *context)
{
	struct install_route_reader *r = context;
	downloads_end(r->shared->package_downloads, r->place);
	close(r->fd);
	free(r);
}

static bool install_route_send(
	struct call *c, int fd, const struct packages_row *row, struct err *e)
{
	struct api_shared *shared = c->shared;
	int place = downloads_begin(shared->package_downloads, c->request->client);
	if (place < 0) {
		close(fd);
		http_add_header(c->response, "Retry-After", "5");
		return call_problem(c, 503, e,
			"many downloads are under way; try again in a moment");
	}
	struct install_route_reader *r = calloc(1, sizeof *r);
	BUG_ON(!r);
	*r = (struct install_route_reader){
		.shared = shared,
		.content = {r, row->bytes, install_route_read, install_route_close},
		.fd = fd,
		.place = place,
	};
	c->response->type = "application/vnd.debian.binary-package";
	http_add_header(c->response, "Cache-Control", "no-cache");
	http_add_header(
		c->response, "ETag", arena_printf(c->arena, "\"%s\"", row->sum));
	c->response->content = &r->content;
	return true;
}

bool install_route_package(struct call *c, struct err *e)
{
	struct packages_row row;
	if (!query_finish(&c->query, e))
		return false;
	int fd = packages_open(c->shared->packages, c->argument, c->now_ms, &row);
	if (fd < 0)
		return call_problem(c, 404, e, "there is no such package here");
	return install_route_send(c, fd, &row, e);
}
