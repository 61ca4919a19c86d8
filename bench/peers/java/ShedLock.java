// ShedLock's Redis provider, with the functions that the interop tests ask for.

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.redis.jedis4.JedisLockProvider;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;

final class ShedLock {
    private final JedisLockProvider provider;
    private final String name;
    private final Duration ttl;

    ShedLock(int port, String name, Duration ttl) {
        provider = new JedisLockProvider(new JedisPool("127.0.0.1", port));
        this.name = name;
        this.ttl = ttl;
    }

    private Optional<SimpleLock> tryOnce() {
        return provider.lock(new LockConfiguration(Instant.now(), name, ttl, Duration.ZERO));
    }

    /** It has no waiting of its own. */
    private SimpleLock take() throws InterruptedException {
        while (true) {
            Optional<SimpleLock> held = tryOnce();
            if (held.isPresent()) return held.get();
            Thread.sleep(1);
        }
    }

    /** Says "held" or "busy"; gives the lock back when told to end. */
    void hold() throws InterruptedException {
        Optional<SimpleLock> held = tryOnce();
        if (held.isEmpty()) {
            Peer.say("busy");
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            held.get().unlock();
            Peer.say("released");  // it cannot tell whether the lock was still its own
        }));
        Peer.say("held");
        new CountDownLatch(1).await();
    }

    /** Reads a number and writes the next one, under the lock: two at once lose a count. */
    void count(int port, String key, int times) throws InterruptedException {
        try (Jedis redis = new Jedis("127.0.0.1", port)) {
            for (int i = 0; i < times; i++) {
                SimpleLock held = take();
                String seen = redis.get(key);
                redis.set(key, String.valueOf(seen == null ? 1 : Integer.parseInt(seen) + 1));
                held.unlock();
            }
        }
        Peer.say("counted");
    }
}
