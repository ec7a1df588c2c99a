#include "server/api/problem.h"

#include "common/json.h"

static const struct {
	int status;
	const char *title;
} problem_titles[] = {
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{416, "Range Not Satisfiable"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
};

const char *problem_title(int status)
{
	for (size_t i = 0; i < sizeof problem_titles / sizeof *problem_titles; i++)
		if (problem_titles[i].status == status)
			return problem_titles[i].title;
	return "Error";
}

void problem_write(const struct problem *p, struct buf *out)
{
	struct json j;
	json_init(&j, out);
	json_object(&j);
	json_put_string(&j, "type", "about:blank");
	json_put_string(&j, "title", problem_title(p->status));
	json_put_int(&j, "status", p->status);
	json_put_string(&j, "detail", p->detail);
	json_put_string(&j, "instance", p->instance);
	if (p->pointer) {
		json_key(&j, "errors");
		json_array(&j);
		json_object(&j);
		json_put_string(&j, "pointer", p->pointer);
		json_put_string(&j, "detail", p->detail);
		json_end(&j);
		json_end(&j);
	}
	json_end(&j);
}
