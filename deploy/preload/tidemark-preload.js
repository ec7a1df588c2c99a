'use strict';
// Lets the Tidemark agent on this machine read memory statistics and heap snapshots of a
// Node.js process (12 or newer) without signal or port.  This file is all of it:
//
//     install -D -m 644 tidemark-preload.js /usr/lib/tidemark/tidemark-preload.js
//     NODE_OPTIONS="--require /usr/lib/tidemark/tidemark-preload.js" node app.js
//
// A socket of mode 0600, PID-RANDOM.sock, answers "stats" and "snapshot".  It is in
// $TIDEMARK_PRELOAD_DIR when that is set, else in the first that can be used of
// $XDG_RUNTIME_DIR/tidemark, /run/tidemark and /tmp/tidemark-UID, where the agent looks.
// It never keeps the process alive, patches nothing, and whatever fails leaves the
// application as it would be without it.
try {
  if (require('worker_threads').isMainThread) start();
} catch (ignored) { /* The application matters, this does not. */ }

function start() {
  const fs = require('fs'), net = require('net'), path = require('path'), v8 = require('v8');
  const hooks = require('perf_hooks'), env = process.env;
  const attempt = (f) => { try { return f(); } catch (ignored) { return undefined; } };

  const delay = attempt(() => hooks.monitorEventLoopDelay({ resolution: 20 }));
  if (delay) delay.enable();
  const gc = { count: 0, ms: 0 };
  attempt(() => new hooks.PerformanceObserver((list) => {
    for (const entry of list.getEntries()) { gc.count++; gc.ms += entry.duration; }
  }).observe({ entryTypes: ['gc'] }));
  let requests;
  attempt(() => {
    require('diagnostics_channel').channel('http.server.request.start').subscribe(() => { requests++; });
    // The channel is used by Node.js from 16.18 and 18 on.
    const [major, minor] = process.versions.node.split('.').map(Number);
    if (major > 16 || (major === 16 && minor >= 18)) requests = 0;
  });
  const warnings = [];
  process.on('warning', (w) => attempt(() => {
    if (w.name !== 'MaxListenersExceededWarning' || warnings.length >= 16) return;
    const maker = w.emitter && w.emitter.constructor;
    warnings.push({ emitter: String(maker && maker.name), event: String(w.type), count: w.count, first: Date.now() });
  }));

  const stats = () => {
    const s = { pid: process.pid, version: process.versions.node, uptime: process.uptime(), memory: process.memoryUsage(),
      heap: attempt(() => v8.getHeapStatistics()), gc, requests, warnings };
    s.utilization = attempt(() => hooks.performance.eventLoopUtilization().utilization);
    s.resources = attempt(() => process.getActiveResourcesInfo().reduce((r, n) => { r[n] = (r[n] || 0) + 1; return r; }, {}));
    if (delay && delay.max > 0) { s.delay = { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }; delay.reset(); }
    return s;
  };
  const serve = (socket) => {
    socket.unref();
    socket.on('error', () => {});
    socket.setTimeout(30000, () => socket.destroy());
    socket.once('data', (data) => {
      try {
        const command = String(data).trim();
        if (command === 'stats') return socket.end(JSON.stringify(stats()) + '\n');
        if (command !== 'snapshot') return socket.end('?\n');
        socket.setTimeout(0); // Making it may take longer.
        const heap = v8.getHeapSnapshot();
        heap.on('error', () => socket.destroy());
        socket.on('close', () => heap.destroy());
        heap.pipe(socket);
      } catch (ignored) { socket.destroy(); }
    });
  };

  // Sockets of processes that were killed: nobody answers.  Young ones may just not
  // listen yet.
  const sweep = (folder) => fs.readdirSync(folder).filter((n) => /^\d+-[0-9a-f]+\.sock$/.test(n)).forEach((name) => attempt(() => {
    const file = path.join(folder, name);
    if (Date.now() - fs.statSync(file).ctimeMs < 10000) return;
    const probe = net.connect(file, () => probe.destroy());
    probe.unref();
    probe.on('error', (e) => { if (e.code === 'ECONNREFUSED') attempt(() => fs.unlinkSync(file)); });
  }));

  const name = process.pid + '-' + require('crypto').randomBytes(6).toString('hex') + '.sock';
  const listen = (folder) => {
    attempt(() => fs.mkdirSync(folder, { mode: 0o700 }));
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    // Who owns the folder could put a socket of his own in the place of ours.
    const owner = fs.statSync(folder).uid;
    if (owner !== process.geteuid() && owner !== 0) throw new Error('not ours');
    attempt(() => sweep(folder));
    const file = path.join(folder, name);
    const server = net.createServer(serve);
    server.unref();
    server.on('error', () => {});
    const mask = process.umask(0o177);
    // Exclusive: in a cluster the primary would listen for all its workers.
    try { server.listen({ path: file, exclusive: true }); } finally { process.umask(mask); }
    if (!fs.existsSync(file)) throw new Error('not listening');
    process.once('exit', () => attempt(() => fs.unlinkSync(file)));
    return true;
  };
  const folders = env.TIDEMARK_PRELOAD_DIR ? [env.TIDEMARK_PRELOAD_DIR] : [env.XDG_RUNTIME_DIR && path.join(env.XDG_RUNTIME_DIR, 'tidemark'),
    '/run/tidemark', path.join('/tmp', 'tidemark-' + process.geteuid())];
  folders.some((folder) => folder && attempt(() => listen(folder)));
}
