#include "agent/fingerprint/git_head.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { GIT_HEAD_FILE_MAX = 4096, GIT_HEAD_PACKED_MAX = 8 << 20, GIT_HEAD_STEPS = 5 };

static bool git_head_commit(const char *text, char commit[GIT_HEAD_SIZE])
{
	size_t n = strspn(text, "0123456789abcdef");
	if ((n != 40 && n != 64) || (text[n] && !strchr(" \t\r\n", text[n])))
		return false;
	memcpy(commit, text, n);
	commit[n] = '\0';
	return true;
}

/* Names of refs may not lead elsewhere. */
static bool git_head_is_name(const char *name)
{
	return strncmp(name, "refs/", 5) == 0 && !strstr(name, "..");
}

bool git_head_parse(
	const char *text, char commit[GIT_HEAD_SIZE], char *name, size_t size)
{
	static const char ref[] = "ref:";
	commit[0] = name[0] = '\0';
	if (strncmp(text, ref, sizeof ref - 1) != 0)
		return git_head_commit(text, commit);
	text += sizeof ref - 1;
	text += strspn(text, " \t");
	size_t n = strcspn(text, "\r\n");
	if (n >= size)
		return false;
	memcpy(name, text, n);
	name[n] = '\0';
	if (git_head_is_name(name))
		return true;
	name[0] = '\0';
	return false;
}

bool git_head_packed(const char *text, const char *name, char commit[GIT_HEAD_SIZE])
{
	size_t length = strlen(name);
	while (*text) {
		size_t line = strcspn(text, "\n");
		size_t digits = strcspn(text, " \n");
		if (digits < line && line >= digits + 1 + length &&
			strncmp(text + digits + 1, name, length) == 0 &&
			strchr("\r\n", text[digits + 1 + length]) &&
			git_head_commit(text, commit))
			return true;
		text += line;
		text += *text == '\n';
	}
	return false;
}

/* `path` from the folder `base` when it is not absolute. */
static bool git_head_join(char out[PATH_MAX], const char *base, const char *path)
{
	int n = path[0] == '/' ? snprintf(out, PATH_MAX, "%s", path)
			       : snprintf(out, PATH_MAX, "%s/%s", base, path);
	return n < PATH_MAX;
}

/* The one line of a small file, behind `prefix`. */
static bool git_head_line(
	const struct tree *t, const char *path, const char *prefix, struct buf *text)
{
	buf_reset(text);
	size_t length = strlen(prefix);
	if (!tree_read(t, path, GIT_HEAD_FILE_MAX, text))
		return false;
	if (!text->data || strncmp(text->data, prefix, length) != 0) {
		errno = EINVAL;
		return false;
	}
	size_t n = strcspn(text->data + length, "\r\n");
	memmove(text->data, text->data + length, n);
	text->data[n] = '\0';
	return true;
}

/* From `folder` upwards, to the folder of the repository.  False: errno. */
static bool git_head_repository(
	const struct tree *t, const char *folder, char out[PATH_MAX])
{
	char at[PATH_MAX], path[PATH_MAX + 8];
	struct stat st;
	snprintf(at, sizeof at, "%s", folder);
	for (int depth = 0; depth < PACKAGE_DEPTH_MAX; depth++) {
		snprintf(path, sizeof path, "%s/.git", at);
		if (tree_look(t, path, &st)) {
			struct buf text = {0};
			bool ok = S_ISDIR(st.st_mode)
					  ? git_head_join(out, at, ".git")
					  : git_head_line(t, path, "gitdir: ", &text) &&
						    git_head_join(out, at, text.data);
			buf_finish(&text);
			return ok;
		}
		char *slash = strrchr(at, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	errno = ENOENT;
	return false;
}

/* Of a worktree the branches are in the repository that it belongs to. */
static void git_head_common(const struct tree *t, const char *own, char out[PATH_MAX])
{
	char path[PATH_MAX + 16];
	struct buf text = {0};
	snprintf(path, sizeof path, "%s/commondir", own);
	if (!git_head_line(t, path, "", &text) || !git_head_join(out, own, text.data))
		snprintf(out, PATH_MAX, "%s", own);
	buf_finish(&text);
}

/* A ref's text, of the worktree or of the repository. */
static bool git_head_ref(const struct tree *t, const char *own, const char *common,
	const char *name, struct buf *text)
{
	const char *const folders[] = {own, common};
	char path[PATH_MAX + PATH_MAX];
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folders[i], name);
		buf_reset(text);
		if (tree_read(t, path, GIT_HEAD_FILE_MAX, text) && text->data)
			return true;
		if (errno != ENOENT && errno != EISDIR)
			return false;
	}
	errno = ENOENT;
	return false;
}

static bool git_head_follow(const struct tree *t, const char *own, const char *common,
	char out[GIT_HEAD_SIZE], struct buf *text, struct err *e)
{
	char name[1024] = "HEAD", next[1024], path[PATH_MAX + 16];
	for (int step = 0; step < GIT_HEAD_STEPS; step++) {
		if (git_head_ref(t, own, common, name, text)) {
			if (!git_head_parse(text->data, out, next, sizeof next))
				return err_set(e, ERR_INPUT, "%s is no ref", name);
			if (out[0])
				return true;
			memcpy(name, next, sizeof name);
			continue;
		}
		if (errno != ENOENT || step == 0)
			return err_errno(e, "%s", name);
		snprintf(path, sizeof path, "%s/packed-refs", common);
		buf_reset(text);
		if (!tree_read(t, path, GIT_HEAD_PACKED_MAX, text) && errno != ENOENT)
			return err_errno(e, "packed-refs");
		/* A branch without a commit is no trouble; one that hides in another
		 * format is. */
		if (strcmp(name, "refs/heads/.invalid") == 0)
			return err_set(e, ERR_INPUT,
				"its refs are in a format that is not read");
		if (text->data)
			git_head_packed(text->data, name, out);
		return true;
	}
	return err_set(e, ERR_INPUT, "HEAD leads nowhere");
}

bool git_head_find(const struct tree *t, const char *folder, char out[GIT_HEAD_SIZE],
	struct err *e)
{
	char own[PATH_MAX], common[PATH_MAX];
	out[0] = '\0';
	if (!git_head_repository(t, folder, own))
		return errno == ENOENT || err_errno(e, ".git");
	git_head_common(t, own, common);
	struct buf text = {0};
	bool ok = git_head_follow(t, own, common, out, &text, e) || err_wrap(e, ".git");
	buf_finish(&text);
	return ok;
}
