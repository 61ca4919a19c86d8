// Redisson clients that share threads and nothing else: each is a process of its own to Redis.

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

final class Redissons {
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final String address;

    Redissons(int port) {
        address = "redis://127.0.0.1:" + port;
    }

    /** One connection for commands, one for pushes; as patient as a long queue needs it. */
    RedissonClient open() {
        Config config = new Config();
        config.setEventLoopGroup(loop).setExecutor(executor);
        config.useSingleServer()
                .setAddress(address)
                .setTimeout(30_000)
                .setConnectionPoolSize(1)
                .setConnectionMinimumIdleSize(1)
                .setSubscriptionConnectionPoolSize(1)
                .setSubscriptionConnectionMinimumIdleSize(1)
                .setDnsMonitoringInterval(-1);
        return Redisson.create(config);
    }

    static RLock lockOf(String library, RedissonClient client, String name) {
        return switch (library) {
            case "rlock" -> client.getLock(name);
            case "fairlock" -> client.getFairLock(name);
            default -> throw new IllegalArgumentException(
                    "no lock \"" + library + "\" here; there are rlock and fairlock");
        };
    }

    static String version() {
        return "Redisson " + Redisson.class.getPackage().getImplementationVersion();
    }
}
