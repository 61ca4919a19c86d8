// Node's distributed lock as a program: the lines that docs/benchmarks.md describes.
//
//   run contend redlock PORT CLIENTS WARM_MS SPAN_MS HOLD_US
//   run hold redlock PORT NAME TTL_MS
//   run count redlock PORT NAME TIMES
'use strict';

const Redis = require('ioredis');
const Redlock = require('redlock');

const say = (line) => process.stdout.write(line + '\n');
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const microseconds = () => Number(process.hrtime.bigint() / 1000n);

const connect = (port) => new Redis({ host: '127.0.0.1', port: Number(port) });

// Its own tries and delays: 10 tries more, 100 to 300 ms between them.
class Lock {
  constructor(to, name, ttl) {
    this.name = name;
    this.ttl = ttl;
    this.waiting = new Redlock([to]);
    this.trying = new Redlock([to], { retryCount: 0 });
  }

  // Waits until the lock is taken, however long; once when wait is false.
  async take(wait) {
    for (;;) {
      try {
        this.held = await (wait ? this.waiting : this.trying).lock(this.name, this.ttl);
        return true;
      } catch (error) {
        if (error.name !== 'LockError') throw error;
        if (!wait) return false;
      }
    }
  }

  // False: it was no longer the client's.
  async give() {
    try {
      await this.held.unlock();
      return true;
    } catch (error) {
      if (error.name !== 'LockError') throw error;
      return false;
    }
  }
}

async function takeTurns(lock, seen, state) {
  for (;;) {
    seen.asked = microseconds();
    await lock.take(true);
    if (state.counting) seen.us.push(microseconds() - seen.asked);
    seen.asked = 0;
    if (state.hold > 0) await sleep(state.hold / 1000);
    await lock.give();
  }
}

function printWaits(all, now) {
  for (const one of all) {
    const still = one.asked > 0 ? [`+${now - one.asked}`] : [];
    say(['waits', ...one.us, ...still].join(' '));
  }
  process.stdout.write('done\n', () => process.exit(0));
}

async function contend(port, clients, warm, span, hold) {
  const state = { counting: false, hold };
  const connections = Array.from({ length: clients }, () => connect(port));
  await Promise.all(connections.map((to) => to.ping()));
  const all = connections.map(() => ({ us: [], asked: 0 }));
  say('ready redlock ' + require('redlock/package.json').version);
  connections.forEach((to, i) => {
    takeTurns(new Lock(to, 'bench:contended', 30000), all[i], state).catch(fail);
  });
  await sleep(warm);
  state.counting = true;
  say('begin');
  await sleep(span);
  state.counting = false;
  say('end');
  printWaits(all, microseconds());
}

// Says "held" or "busy"; gives the lock back when told to end.
async function hold(port, name, ttl) {
  const told = new Promise((wake) => process.once('SIGTERM', wake));
  const lock = new Lock(connect(port), name, ttl);
  if (!(await lock.take(false))) return say('busy');
  say('held');
  await told;
  say((await lock.give()) ? 'released' : 'gone');
}

// Reads a number and writes the next one, under the lock: two at once lose a count.
async function count(port, name, times) {
  const to = connect(port);
  const lock = new Lock(to, name, 30000);
  for (let i = 0; i < times; i++) {
    await lock.take(true);
    const seen = Number(await to.get(name + ':count'));
    await to.set(name + ':count', seen + 1);
    await lock.give();
  }
  say('counted');
}

function fail(error) {
  process.stderr.write(`peer: ${error.message || error}\n`, () => process.exit(1));
}

const [what, library, port, ...rest] = process.argv.slice(2);
const jobs = {
  contend: ([clients, warm, span, us]) => contend(port, +clients, +warm, +span, +us),
  hold: ([name, ttl]) => hold(port, name, +ttl).then(() => process.exit(0)),
  count: ([name, times]) => count(port, name, +times).then(() => process.exit(0)),
};
if (!jobs[what] || library !== 'redlock' || rest.length !== (what === 'contend' ? 4 : 2)) {
  fail('usage: run contend redlock PORT CLIENTS WARM_MS SPAN_MS HOLD_US | ' +
       'hold redlock PORT NAME TTL_MS | count redlock PORT NAME TIMES');
} else {
  jobs[what](rest).catch(fail);
}
