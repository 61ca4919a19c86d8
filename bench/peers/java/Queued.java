// What a fair lock costs its server while a crowd stands in its queue.

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.redisson.api.RFuture;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

final class Queued {
    private static final String NAME = "bench:queued";

    /**
     * The first `times` waiters are real ones. The crowd behind them is written into the lock's
     * queue as its own script would: joining through it would take a time that grows with the
     * square of the crowd.
     */
    static void run(String library, int port, int crowd, int times) throws Exception {
        RedissonClient client = new Redissons(port).open();
        RLock lock = Redissons.lockOf(library, client, NAME);
        Peer.say("ready " + Redissons.version());
        lock.lockAsync(1, TimeUnit.HOURS, 0).get();
        List<RFuture<Void>> waiters = new ArrayList<>();
        for (int i = 1; i <= times; i++) {
            waiters.add(lock.lockAsync(1, TimeUnit.HOURS, i));
            waitForQueue(port, i);
        }
        fill(port, crowd);
        sayAndWait("begin join and leave");
        for (int i = 0; i < times; i++)
            lock.tryLockAsync(0, 3600, TimeUnit.SECONDS, 1_000_000 + i).get();
        sayAndWait("end join and leave");
        sayAndWait("begin hand-over");
        for (int i = 0; i < times; i++) {
            lock.unlockAsync(i).get();
            waiters.get(i).get();
        }
        sayAndWait("end hand-over");
        Peer.say("done");
        Runtime.getRuntime().halt(0);
    }

    /** Whoever reads the line asks the server, and then answers with a line. */
    private static void sayAndWait(String line) throws IOException {
        Peer.say(line);
        for (int c = System.in.read(); c != '\n' && c != -1; ) c = System.in.read();
    }

    private static void waitForQueue(int port, int length) throws InterruptedException {
        try (Jedis redis = new Jedis("127.0.0.1", port)) {
            while (redis.llen("redisson_lock_queue:{" + NAME + "}") < length) Thread.sleep(1);
        }
    }

    private static void fill(int port, int crowd) {
        double hour = System.currentTimeMillis() + 3_600_000.0;
        try (Jedis redis = new Jedis("127.0.0.1", port); Pipeline batch = redis.pipelined()) {
            for (int i = 0; i < crowd; i++) {
                String member = "00000000-0000-0000-0000-000000000000:" + i;
                batch.rpush("redisson_lock_queue:{" + NAME + "}", member);
                batch.zadd("redisson_lock_timeout:{" + NAME + "}", hour + i, member);
            }
        }
    }
}
