# Tidemark's agent as an image, out of its Debian package:
#
#     deploy/package build/packages
#     docker build -f deploy/docker/agent.Dockerfile -t tidemark-agent:0.2.0 build/packages
#
# How to run it: docs/deploy.md.  Checked by lint alone: no test of ours runs containers.
FROM debian:12-slim

# The package wants an account, which this makes without all of systemd.
RUN --mount=type=bind,target=/packages \
	apt-get update && \
	apt-get install -y --no-install-recommends systemd-standalone-sysusers \
		/packages/tidemark-agent_*.deb && \
	rm -rf /var/lib/apt/lists/*

# The machine's own, which are mounted where they cannot be taken for the container's.
ENV TIDEMARK_AGENT_PROCFS=/host/proc \
	TIDEMARK_AGENT_CGROUPFS=/host/cgroup
VOLUME /var/lib/tidemark-agent

# Without capabilities beside SYS_PTRACE root may look at processes, and not much else.
USER root
ENTRYPOINT ["/usr/bin/tidemark-agent"]
CMD ["run"]
