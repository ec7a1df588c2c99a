// kubernetes.mjs FILE: what the DaemonSet asks for is what docs/deploy.md says, and no more.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const { parseAllDocuments } = createRequire(new URL('../../web/package.json', import.meta.url))('yaml');

const documents = parseAllDocuments(fs.readFileSync(process.argv[2], 'utf8'));
for (const document of documents)
	assert.deepEqual(document.errors, []);
const [namespace, set] = documents.map((document) => document.toJS());

assert.equal(namespace.kind, 'Namespace');
assert.equal(set.apiVersion, 'apps/v1');
assert.equal(set.kind, 'DaemonSet');
assert.equal(set.metadata.namespace, namespace.metadata.name);
const { metadata, spec } = set.spec.template;
assert.deepEqual(set.spec.selector.matchLabels, metadata.labels);
assert.equal(spec.hostPID, true);
assert.equal(spec.hostNetwork, undefined);
assert.equal(spec.automountServiceAccountToken, false);
assert.deepEqual(spec.tolerations, [{ operator: 'Exists' }]);

const volumes = new Map(spec.volumes.map((volume) => [volume.name, volume]));
const written = ['state', 'tmp'];
for (const container of [...spec.initContainers, ...spec.containers]) {
	const { capabilities, ...security } = container.securityContext;
	assert.deepEqual(capabilities, { drop: ['ALL'], add: ['SYS_PTRACE'] });
	assert.equal(security.privileged, undefined);
	assert.equal(security.allowPrivilegeEscalation, false);
	assert.equal(security.readOnlyRootFilesystem, true);
	assert.equal(security.seccompProfile.type, 'RuntimeDefault');
	assert.match(container.image, /:\d+\.\d+\.\d+$/);
	assert.ok(container.resources.limits.memory && container.resources.limits.cpu);
	for (const mount of container.volumeMounts) {
		assert.ok(volumes.has(mount.name), mount.name);
		assert.equal(mount.readOnly ?? false, !written.includes(mount.name), mount.name);
	}
	const proc = container.volumeMounts.find((mount) => mount.mountPath === '/host/proc');
	assert.equal(volumes.get(proc.name).hostPath.path, '/proc');
	// The token is a file: neither an argument nor a variable.
	const env = new Map(container.env.map((variable) => [variable.name, variable]));
	assert.ok(!env.has('TIDEMARK_TOKEN'));
	assert.ok(![...env.values()].some((variable) => variable.valueFrom?.secretKeyRef));
	assert.equal(env.get('TIDEMARK_AGENT_PROCFS').value, proc.mountPath);
	assert.equal(env.get('TIDEMARK_AGENT_HOSTNAME').valueFrom.fieldRef.fieldPath, 'spec.nodeName');
}
assert.equal(volumes.get('token').secret.defaultMode, 0o400);
assert.equal(volumes.get('state').hostPath.path, '/var/lib/tidemark-agent');
