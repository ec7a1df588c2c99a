#include "server/ingest/ingest.h"

#include "server/ingest/door.h"
#include "server/ingest/intake.h"
#include "server/ingest/roster.h"
#include "server/ingest/writer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

enum {
	INGEST_SOCKETS_MAX = 4096,
	INGEST_IO_THREADS = 2,  /* a fleet that comes back is handshakes for seconds */
	INGEST_GRACE_MS = 5000, /* to settle what was received, when stopping */
};

struct ingest {
	void *zmq;
	int stop_fd;
	struct roster *roster;
	struct door *door;
	struct writer *writer;
	struct intake *intake;
};

static bool ingest_open(
	struct ingest *in, const struct ingest_options *options, struct err *e)
{
	in->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	in->zmq = zmq_ctx_new();
	BUG_ON(in->stop_fd < 0 || !in->zmq);
	zmq_ctx_set(in->zmq, ZMQ_MAX_SOCKETS, INGEST_SOCKETS_MAX);
	zmq_ctx_set(in->zmq, ZMQ_IO_THREADS, INGEST_IO_THREADS);
	void *teller;
	in->roster = roster_create(in->zmq, &teller);
	if (!in->roster)
		return err_set(
			e, ERR_IO, "roster socket: %s", zmq_strerror(zmq_errno()));
	in->door = door_start(
		&(struct door_options){
			.zmq = in->zmq,
			.database = options->database,
			.host = options->listen_host,
			.enrol_port = options->enrol_port,
			.data_port = options->data_port,
			.servers = &options->servers,
			.secret_key = options->secret_key,
			.roster = teller,
			.stop_fd = in->stop_fd,
		},
		e);
	void *to_writer;
	if (in->door)
		in->writer = writer_start(
			&(struct writer_options){
				.zmq = in->zmq,
				.database = options->database,
				.raw_key = options->raw_key,
				.disk = options->disk,
				.stop_fd = in->stop_fd,
			},
			&to_writer, e);
	if (in->writer)
		in->intake = intake_start(
			&(struct intake_options){
				.zmq = in->zmq,
				.writer = to_writer,
				.roster = in->roster,
				.host = options->listen_host,
				.port = options->data_port,
				.secret_key = options->secret_key,
				.raw_retention_ms = options->raw_retention_ms,
				.gather_ms = options->gather_ms,
				.stop_fd = in->stop_fd,
			},
			e);
	return in->intake;
}

struct ingest *ingest_start(const struct ingest_options *options, struct err *e)
{
	struct ingest *in = calloc(1, sizeof *in);
	BUG_ON(!in);
	if (ingest_open(in, options, e))
		return in;
	ingest_stop(in);
	err_wrap(e, "ingest");
	return NULL;
}

void ingest_stop(struct ingest *in)
{
	if (!in)
		return;
	uint64_t one = 1;
	if (write(in->stop_fd, &one, sizeof one) < 0)
		BUG_ON(true);
	if (in->intake && !intake_wait(in->intake, INGEST_GRACE_MS))
		writer_shut(in->writer);
	intake_stop(in->intake);
	writer_stop(in->writer);
	door_stop(in->door);
	roster_destroy(in->roster);
	/* Receipts still on their way are given a moment by the sockets' linger. */
	zmq_ctx_term(in->zmq);
	close(in->stop_fd);
	free(in);
}
