# Tidemark's server as an image, out of its Debian package:
#
#     deploy/package build/packages
#     docker build -f deploy/docker/server.Dockerfile -t tidemark-server:0.2.0 build/packages
#
# How to run it: docs/deploy.md.  Checked by lint alone: no test of ours runs containers.
FROM debian:12-slim

# Agents' packages go along: the server hands them out to hosts that join.
RUN --mount=type=bind,target=/packages \
	apt-get update && \
	apt-get install -y --no-install-recommends ca-certificates systemd-standalone-sysusers \
		/packages/tidemark-server_*.deb && \
	install -d /usr/share/tidemark/packages && \
	cp /packages/tidemark-agent_*.deb /usr/share/tidemark/packages/ && \
	rm -rf /var/lib/apt/lists/*

# Console and API, agents, and their enrolment.
EXPOSE 8470 8471 8472
VOLUME /var/lib/tidemark

USER tidemark
ENTRYPOINT ["/usr/bin/tidemark-server"]
# Within the container's network in the clear: put TLS before the port that is published, or give
# TIDEMARK_SERVER_TLS_CERT and _TLS_KEY (docs/security.md).
CMD ["run", "--http", "0.0.0.0:8470", "--http-plain"]
