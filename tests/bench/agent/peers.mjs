// The peers: how each is started with a configuration of its own, on loopback, at the
// same interval, watching the same processes. A peer is {name, program, files, args,
// poll}: files are written below its directory, poll is called once per interval.

import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';

function get(port, where) {
	return new Promise((resolve, reject) => {
		http.get({ host: '127.0.0.1', port, path: where }, (answer) => {
			let bytes = 0;
			answer.on('data', (data) => { bytes += data.length; });
			answer.on('end', () => resolve(bytes));
		}).on('error', reject);
	});
}

/** One passive check: "ZBXD", a flag, the length, the key; the answer likewise. */
function zabbixGet(port, key) {
	return new Promise((resolve, reject) => {
		const head = Buffer.alloc(13);
		head.write('ZBXD\x01', 'latin1');
		head.writeUInt32LE(key.length, 5);
		const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.concat([head, Buffer.from(key)])));
		let answer = '';
		socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${key}`)));
		socket.on('data', (data) => { answer += data.toString('latin1'); });
		socket.on('close', () => resolve(answer.slice(13)));
		socket.on('error', reject);
	});
}

async function zabbixPoll(port) {
	const keys = ['sleep', 'node'].flatMap((name) =>
		['rss', 'vsize'].map((kind) => `proc.mem[${name},,,,${kind}]`).concat(`proc.num[${name}]`));
	for (const key of [...keys, 'vm.memory.size[available]', 'system.cpu.load[all,avg1]']) {
		const answer = await zabbixGet(port, key);
		if (answer.startsWith('ZBX_NOTSUPPORTED'))
			throw new Error(`${key}: ${answer.replaceAll('\0', ' ')}`);
	}
}

const NETDATA_OFF = ['tc', 'idlejitter', 'cgroups', 'checks', 'diskspace', 'slabinfo', 'ebpf', 'charts.d', 'go.d',
	'python.d', 'node.d', 'fping', 'ioping', 'perf', 'nfacct', 'xenstat', 'freeipmi', 'cups', 'statsd', 'timex',
	'enable running new plugins'];

/** @param {{directory: string, port: number, intervalS: number}} at */
export const PEERS = [
	{
		name: 'zabbix-agent2',
		program: '/usr/sbin/zabbix_agent2',
		files: (at) => ({
			'zabbix.conf': `PidFile=${at.directory}/pid\nLogFile=${at.directory}/log\nServer=127.0.0.1\n` +
				`ListenIP=127.0.0.1\nListenPort=${at.port}\nControlSocket=${at.directory}/control.sock\n` +
				`PluginSocket=${at.directory}/plugin.sock\nHostname=bench\n`,
		}),
		args: (at) => ['-f', '-c', path.join(at.directory, 'zabbix.conf')],
		poll: (at) => zabbixPoll(at.port),
	},
	{
		name: 'netdata, apps plugin',
		program: '/usr/sbin/netdata',
		// The package lets only its own user run the plugin.
		prepare(at) {
			fs.mkdirSync(path.join(at.directory, 'plugins'));
			fs.copyFileSync('/usr/lib/netdata/plugins.d/apps.plugin', path.join(at.directory, 'plugins/apps.plugin'));
			fs.chmodSync(path.join(at.directory, 'plugins/apps.plugin'), 0o755);
		},
		files: (at) => ({
			'netdata.conf': `[global]\nrun as user = ${at.user}\n` +
				`[directories]\nconfig = ${at.directory}\nstock config = /usr/lib/netdata/conf.d\n` +
				`cache = ${at.directory}\nlib = ${at.directory}\nlog = ${at.directory}\n` +
				`plugins = "${at.directory}/plugins"\n` +
				`[db]\nmode = ram\nupdate every = ${at.intervalS}\nretention = 360\n` +
				'[health]\nenabled = no\n[ml]\nenabled = no\n[registry]\nenabled = no\n' +
				`[web]\nbind to = 127.0.0.1:${at.port}\n` +
				`[plugins]\nproc = yes\napps = yes\n${NETDATA_OFF.map((name) => `${name} = no\n`).join('')}`,
			'.opt-out-from-anonymous-statistics': '',
		}),
		args: (at) => ['-D', '-c', path.join(at.directory, 'netdata.conf'), '-P', path.join(at.directory, 'pid')],
		needs: 'apps.plugin',
	},
	{
		name: 'collectd, processes plugin',
		program: '/usr/sbin/collectd',
		files: (at) => ({
			'collectd.conf': `Hostname "bench"\nInterval ${at.intervalS}\nBaseDir "${at.directory}"\n` +
				`PIDFile "${at.directory}/pid"\nPluginDir "/usr/lib/collectd"\n` +
				'TypesDB "/usr/share/collectd/types.db"\nReadThreads 1\nWriteThreads 1\n' +
				'LoadPlugin processes\nLoadPlugin memory\nLoadPlugin cpu\nLoadPlugin csv\n' +
				`<Plugin csv>\n\tDataDir "${at.directory}/csv"\n</Plugin>\n` +
				'<Plugin processes>\n\tProcess "sleep"\n\tProcess "node"\n</Plugin>\n',
		}),
		args: (at) => ['-f', '-C', path.join(at.directory, 'collectd.conf')],
	},
	{
		name: 'prometheus-process-exporter',
		program: '/usr/bin/prometheus-process-exporter',
		files: () => ({ 'names.yml': 'process_names:\n  - name: "{{.Comm}}"\n    cmdline:\n    - ".+"\n' }),
		args: (at) => ['-web.listen-address', `127.0.0.1:${at.port}`, '-config.path', path.join(at.directory, 'names.yml')],
		poll: (at) => get(at.port, '/metrics'),
	},
];
