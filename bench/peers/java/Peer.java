// Java's distributed locks as programs: the lines that docs/benchmarks.md describes.
//
//   run contend rlock|fairlock PORT CLIENTS WARM_MS SPAN_MS HOLD_US
//   run queued fairlock PORT CROWD TIMES
//   run hold shedlock PORT NAME TTL_MS
//   run count shedlock PORT NAME TIMES

import java.time.Duration;

final class Peer {
    static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    static void fail(Throwable why) {
        System.err.println("peer: " + why);
        Runtime.getRuntime().halt(1);
    }

    private static void run(String[] words) throws Exception {
        int port = Integer.parseInt(words[2]);
        switch (words[0]) {
            case "contend" -> Contend.run(words[1], port, number(words[3]), number(words[4]),
                    number(words[5]), number(words[6]));
            case "queued" -> Queued.run(words[1], port, number(words[3]), number(words[4]));
            case "hold" -> new ShedLock(port, words[3], Duration.ofMillis(number(words[4]))).hold();
            case "count" -> new ShedLock(port, words[3], Duration.ofSeconds(30))
                    .count(port, words[3] + ":count", number(words[4]));
            default -> throw new IllegalArgumentException("no such job: " + words[0]);
        }
    }

    private static int number(String word) {
        return Integer.parseInt(word);
    }

    public static void main(String[] words) {
        try {
            run(words);
        } catch (Exception error) {
            fail(error);
        }
    }
}
