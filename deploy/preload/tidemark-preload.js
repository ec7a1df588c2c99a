'use strict';
// Lets the Tidemark agent on this machine read memory statistics, a census and heap
// snapshots of a Node.js process (12 or newer) without signal or port.  This file is all
// of it:
//
//     install -D -m 644 tidemark-preload.js /usr/lib/tidemark/tidemark-preload.js
//     NODE_OPTIONS="--require /usr/lib/tidemark/tidemark-preload.js" node app.js
//
// A socket of mode 0600, PID-RANDOM.sock, answers one line, "stats", "census listeners",
// "census timers", "census closures" or "snapshot".  It is in $TIDEMARK_PRELOAD_DIR when
// that is set, else in the first that can be used of $XDG_RUNTIME_DIR/tidemark,
// /run/tidemark and /tmp/tidemark-UID, where the agent looks.
// It never keeps the process alive, patches nothing, and whatever fails leaves the
// application as it would be without it.
try {
  if (require('worker_threads').isMainThread) start();
} catch (ignored) { /* The application matters, this does not. */ }

function start() {
  const fs = require('fs'), net = require('net'), path = require('path'), v8 = require('v8');
  const hooks = require('perf_hooks'), events = require('events'), env = process.env;
  const attempt = (f) => { try { return f(); } catch (ignored) { return undefined; } };
  const micros = (since) => { const t = process.hrtime(since); return Math.round(t[0] * 1e6 + t[1] / 1e3); };
  // On a crowded machine a clock also counts what others took from us.
  const startCost = () => ({ time: process.hrtime(), cpu: process.cpuUsage() });
  const cost = (begun) => { const c = process.cpuUsage(begun.cpu); return Math.min(micros(begun.time), c.user + c.system); };

  const RESOLUTION = 20; // ms; what the histogram counts includes it.
  const delay = attempt(() => hooks.monitorEventLoopDelay({ resolution: RESOLUTION }));
  if (delay) delay.enable();

  // What is alive is most of what is used right after a full collection.  We are told a
  // moment later, so objects that were made since are in the number: those of the young
  // spaces, which a full collection empties, are taken off again.
  const MAJOR = hooks.constants.NODE_PERFORMANCE_GC_MAJOR; // 2 up to Node.js 16
  const gc = { count: 0, full: 0, ms: 0, floor: undefined };
  const alive = () => v8.getHeapSpaceStatistics().reduce((sum, s) => sum + (/^new_/.test(s.space_name) ? 0 : s.space_used_size), 0);
  attempt(() => new hooks.PerformanceObserver((list) => attempt(() => {
    let isFull = false;
    for (const entry of list.getEntries()) {
      gc.count++;
      gc.ms += entry.duration;
      if ((entry.detail ? entry.detail.kind : entry.kind) !== MAJOR) continue;
      gc.full++;
      isFull = true;
    }
    if (isFull) gc.floor = alive();
  })).observe({ entryTypes: ['gc'] }));

  let requests;
  attempt(() => {
    require('diagnostics_channel').channel('http.server.request.start').subscribe(() => { requests++; });
    // The channel is used by Node.js from 16.18 and 18 on.
    const [major, minor] = process.versions.node.split('.').map(Number);
    if (major > 16 || (major === 16 && minor >= 18)) requests = 0;
  });

  // Node.js warns once of each emitter; how many listeners it has by now is asked of the
  // emitter itself, which is not kept alive for that.
  const WARNINGS = 16, FRAMES = 12;
  const warnings = [], watched = [];
  const frames = (stack) => String(stack).split('\n').map((line) => (/(?:^| |\()((?:file:\/\/)?\/[^()]*:\d+:\d+)\)?$/.exec(line) || [])[1])
    .filter(Boolean).map((at) => at.replace(/^file:\/\//, '')).slice(0, FRAMES);
  process.on('warning', (w) => attempt(() => {
    if (w.name !== 'MaxListenersExceededWarning') return;
    const emitter = w.emitter || w.target, maker = emitter && emitter.constructor;
    const seen = { emitter: String(maker && maker.name), event: String(w.type), count: w.count, times: 1, first: Date.now() };
    const before = warnings.find((b) => b.emitter === seen.emitter && b.event === seen.event);
    if (before) {
      before.times++;
      before.count = Math.max(before.count, seen.count);
    } else if (warnings.length < WARNINGS) {
      seen.stack = frames(w.stack);
      warnings.push(seen);
    } else {
      return;
    }
    if (typeof WeakRef === 'function' && watched.length < WARNINGS && w.emitter)
      watched.push({ ref: new WeakRef(w.emitter), type: w.type, warning: before || seen });
  }));
  const recount = () => watched.forEach((watch) => {
    const emitter = watch.ref.deref();
    const count = emitter ? events.prototype.listenerCount.call(emitter, watch.type) : 0;
    watch.warning.count = Math.max(watch.warning.count, count);
    watch.warning.now = Math.max(watch.warning.now || 0, count);
  });

  // Counting resources makes a list of all: where that is long it is done seldom.
  const SLOW_US = 1000, SELDOM = 30;
  let idleSince = attempt(() => hooks.performance.eventLoopUtilization()), last_us = 0, longest_us = 0, skip = 0, resources;
  const count = () => {
    if (skip-- > 0) return resources;
    const begun = process.hrtime();
    resources = attempt(() => process.getActiveResourcesInfo().reduce((r, n) => { r[n] = (r[n] || 0) + 1; return r; }, {}));
    skip = micros(begun) > SLOW_US ? SELDOM : 0;
    return resources;
  };
  const utilization = () => {
    const now = hooks.performance.eventLoopUtilization(), since = hooks.performance.eventLoopUtilization(now, idleSince);
    idleSince = now;
    return since.utilization;
  };
  const stats = () => {
    const begun = startCost();
    attempt(() => { warnings.forEach((w) => { w.now = undefined; }); recount(); });
    const s = { pid: process.pid, version: process.versions.node, uptime: process.uptime(), memory: process.memoryUsage(),
      heap: attempt(() => v8.getHeapStatistics()), gc, requests, warnings };
    s.spaces = attempt(() => v8.getHeapSpaceStatistics().reduce((r, p) => { r[p.space_name] = p.space_used_size; return r; }, {}));
    s.utilization = attempt(utilization);
    s.resources = count();
    if (delay && delay.max > 0) {
      const late = (ns) => Math.max(0, ns / 1e6 - RESOLUTION);
      s.delay = { p99: late(delay.percentile(99)), max: late(delay.max) };
      delay.reset();
    }
    s.last = last_us; // of the reading before, since this one is not over
    s.longest = longest_us;
    const text = JSON.stringify(s);
    last_us = cost(begun);
    longest_us = Math.max(longest_us, last_us);
    return text;
  };

  const serve = (socket) => {
    socket.unref();
    socket.on('error', () => {});
    socket.setTimeout(30000, () => socket.destroy());
    socket.once('data', (data) => {
      try {
        const [command, what] = String(data).trim().split(' ');
        if (command === 'stats') return socket.end(stats() + '\n');
        if (command === 'census') return socket.end(JSON.stringify(census(require, what)) + '\n');
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

// -- census: begin.  The agent sends this function as it is to processes whose inspector
// it may open, so it uses nothing from above.
//
// Counts one kind of thing, in groups, and says where the code of each group is.  A
// session with our own inspector, inside the process and without a port, finds them.
// Timers stand in lists that Node.js keeps, which are only walked.  For the others the
// whole heap is collected and walked, which blocks like a small snapshot, so it is asked
// for seldom and for one kind at a time.  Nothing of it stays.  Only data properties are
// read: no code of the application runs.
function census(require, kind) {
  const begun = process.hrtime(), LIMIT_MS = 1000, LOCATED = kind === 'closures' ? 192 : 96, LOCATING_MS = 50;
  const since = () => { const t = process.hrtime(begun); return t[0] * 1e3 + t[1] / 1e6; };
  const own = (o, key) => { const d = Object.getOwnPropertyDescriptor(o, key); return d && d.value; };
  const text = (f) => Function.prototype.toString.call(f);
  const classOf = (o) => {
    for (let p = Object.getPrototypeOf(o), depth = 0; p && depth < 16; p = Object.getPrototypeOf(p), depth++) {
      const maker = own(p, 'constructor');
      if (typeof maker === 'function') return String(own(maker, 'name'));
    }
    return '?';
  };

  // A group: what it is called, how many, the most in one place, one function of it.
  const groups = new Map();
  const add = (key, name, f, count) => {
    const g = groups.get(key);
    if (!g) return groups.set(key, { name, f, count, most: count });
    g.count += count;
    if (count > g.most) { g.most = count; g.f = f; }
  };
  const kinds = {
    listeners: { prototype: () => require('events').prototype, sort: (emitter) => {
      const all = own(emitter, '_events');
      if (!all || typeof all !== 'object') return;
      for (const event of Reflect.ownKeys(all)) {
        const l = own(all, event), list = Array.isArray(l) ? l : [l], last = list[list.length - 1];
        if (typeof last !== 'function') continue;
        const name = classOf(emitter) + '\n' + String(event);
        add(name, name, own(last, 'listener') || last, list.length); // `once` wraps them
      }
    } },
    timers: { sort: (timer) => {
      const f = own(timer, '_onTimeout'), name = own(timer, '_repeat') ? 'Interval' : 'Timeout';
      if (typeof f === 'function' && !own(timer, '_destroyed')) add(name + text(f), name, f, 1);
    } },
    closures: { prototype: () => Function.prototype, sort: (f) => {
      const source = typeof f === 'function' ? text(f) : '[native code] }';
      if (!source.endsWith('[native code] }')) add(source, String(own(f, 'name')), f, 1);
    } },
  };
  const wanted = kinds[kind];
  if (!wanted) return { error: 'kind' };

  const session = new (require('inspector').Session)();
  const lend = {};
  session.connect();
  try {
    // Answers come before `post` returns: it is the same thread.
    const post = (method, parameters) => {
      let failure, result;
      session.post(method, parameters || {}, (e, r) => { failure = e; result = r; });
      if (failure || !result) throw new Error(method);
      return result;
    };
    // Protocol and code meet at a name that exists for one call.
    const pass = (call) => {
      global[Symbol.for('tidemark census')] = lend;
      try { return call(); } finally { delete global[Symbol.for('tidemark census')]; }
    };
    const LEND = 'globalThis[Symbol.for("tidemark census")]';
    const id = (what) => {
      lend.it = what;
      return pass(() => post('Runtime.evaluate', { expression: LEND + '.it', silent: true })).result.objectId;
    };
    // Gives what the protocol knows to the code here.
    const take = (objectId) => {
      pass(() => post('Runtime.callFunctionOn', { objectId, silent: true, functionDeclaration: 'function () { ' + LEND + '.it = this; }' }));
      const it = lend.it;
      lend.it = undefined;
      return it;
    };
    const properties = (objectId) => post('Runtime.getProperties', { objectId, ownProperties: true });
    const inside = (objectId) => (properties(objectId).internalProperties || []).reduce((r, p) => { r[p.name] = p.value || {}; return r; }, {});
    // One list for each time that timers wait, in a variable that functions of Node.js
    // see.  Those of the application may stand in their places, but rarely in all.
    const lists = (f) => {
      const scopes = typeof f === 'function' && inside(id(f))['[[Scopes]]'];
      for (const scope of scopes && scopes.objectId ? properties(scopes.objectId).result : []) {
        if (!scope.value || !scope.value.objectId || !/^Closure/.test(scope.value.description)) continue;
        const seen = properties(scope.value.objectId).result.find((p) => p.name === 'timerListMap');
        if (seen && seen.value && seen.value.objectId) return take(seen.value.objectId);
      }
      return undefined;
    };
    const timers = () => {
      const of = require('timers'), all = [], may = [of.setTimeout, of.clearTimeout, of.setInterval, of.clearInterval];
      const found = may.reduce((got, f) => got || lists(f), undefined);
      if (!found) throw new Error('timers');
      for (const key of Object.keys(found)) {
        const list = own(found, key);
        for (let t = list && own(list, '_idleNext'); t && t !== list && (all.length % 512 || since() < LIMIT_MS); t = own(t, '_idleNext')) all.push(t);
      }
      return all;
    };
    const walked = () => take(post('Runtime.queryObjects', { prototypeObjectId: id(wanted.prototype()) }).objects.objectId);
    const list = wanted.prototype ? walked() : timers();
    const floor = wanted.prototype && require('v8').getHeapStatistics().used_heap_size;
    const found = since();
    let at = 0;
    while (at < list.length && (at % 512 || since() - found < LIMIT_MS)) wanted.sort(list[at++]);

    // Where functions are is known to the debugger alone, which names all scripts when it
    // is turned on.  Nothing can pause meanwhile.
    const rows = Array.from(groups.values()).sort((a, b) => b.count - a.count).slice(0, LOCATED);
    const scripts = new Map();
    session.on('Debugger.scriptParsed', (m) => { scripts.set(m.params.scriptId, m.params.url); });
    if (rows.length) {
      post('Debugger.enable');
      post('Debugger.setSkipAllPauses', { skip: true });
    }
    const listed = since();
    const locate = (f) => {
      let known = inside(id(f));
      const target = known['[[TargetFunction]]']; // of a bound one
      if (target && target.objectId) known = inside(target.objectId);
      const place = (known['[[FunctionLocation]]'] || {}).value;
      const url = place && scripts.get(place.scriptId);
      return url ? url.replace(/^file:\/\//, '') + ':' + (place.lineNumber + 1) + ':' + (place.columnNumber + 1) : '';
    };
    // Neither what Node.js itself defines nor this file is of interest.
    const isOurs = (place) => /\/tidemark-preload\.js:/.test(place) || (kind === 'closures' && place[0] !== '/');
    const items = [];
    let told = 0;
    while (told < rows.length && since() - listed < LOCATING_MS) {
      const g = rows[told++], row = [g.name, locate(g.f), g.count, g.most];
      if (!isOurs(row[1])) items.push(row);
    }
    return { kind, items, found: list.length, cut: at < list.length || told < groups.size, floor, us: Math.round(since() * 1e3) };
  } finally {
    session.disconnect();
  }
}
// -- census: end.
