// Many clients that want one lock, each with connections of its own.

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.redisson.api.RLock;

final class Contend {
    private static final class Waits {
        private final List<Long> us = new ArrayList<>();
        private long asked;
        private boolean counting;

        synchronized void ask() {
            asked = System.nanoTime();
        }

        synchronized void got() {
            if (counting) us.add((System.nanoTime() - asked) / 1000);
            asked = 0;
        }

        synchronized void count(boolean on) {
            counting = on;
        }

        synchronized String line(long now) {
            StringBuilder line = new StringBuilder("waits");
            for (long one : us) line.append(' ').append(one);
            if (asked != 0) line.append(" +").append((now - asked) / 1000);
            return line.toString();
        }
    }

    static void run(String library, int port, int clients, int warm, int span, int hold)
            throws InterruptedException {
        Redissons all = new Redissons(port);
        List<RLock> locks = new ArrayList<>();
        List<Waits> seen = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            locks.add(Redissons.lockOf(library, all.open(), "bench:contended"));
            seen.add(new Waits());
        }
        Peer.say("ready " + Redissons.version());
        for (int i = 0; i < clients; i++) {
            RLock lock = locks.get(i);
            Waits mine = seen.get(i);
            Thread turns = new Thread(null, () -> takeTurns(lock, mine, hold), "client", 256 << 10);
            turns.setDaemon(true);
            turns.start();
        }
        Thread.sleep(warm);
        seen.forEach(one -> one.count(true));
        Peer.say("begin");
        Thread.sleep(span);
        seen.forEach(one -> one.count(false));
        Peer.say("end");
        long now = System.nanoTime();
        StringBuilder lines = new StringBuilder();
        seen.forEach(one -> lines.append(one.line(now)).append('\n'));
        Peer.say(lines + "done");
        Runtime.getRuntime().halt(0);
    }

    private static void takeTurns(RLock lock, Waits mine, int hold) {
        try {
            while (true) {
                mine.ask();
                lock.lock(30, TimeUnit.SECONDS);
                mine.got();
                if (hold > 0) TimeUnit.MICROSECONDS.sleep(hold);
                lock.unlock();
            }
        } catch (Exception error) {
            Peer.fail(error);
        }
    }
}
