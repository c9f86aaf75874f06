package org.pagedattention;

import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.function.Executable;

/**
 * Seeded random inputs. A test takes few of them; {@code -Dpagedattention.fuzz=N}, or the profile {@code fuzz}, says how
 * many times as many.
 */
public final class Fuzz {
    private static final long TIMES = Long.getLong("pagedattention.fuzz", 1);

    private Fuzz() {}

    /** Calls {@code test} for {@code count} inputs, many times as many when asked; a failure names the seed. */
    public static void inputs(int count, Consumer<Random> test) {
        for (long seed = 0; seed < count * TIMES; seed++) {
            try {
                test.accept(new Random(seed * 0x9e3779b97f4a7c15L));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("input " + seed + ": " + e, e);
            }
        }
        System.out.printf("fuzz: %,d inputs%n", count * TIMES);
    }

    /** Runs something that may refuse its input, but only with one kind of exception that has a message. */
    public static void mayRefuse(Class<? extends Exception> refusal, Executable executable) {
        try {
            executable.execute();
        } catch (Throwable t) {
            if (!refusal.isInstance(t)
                    || t.getMessage() == null
                    || t.getMessage().isBlank()) {
                throw new AssertionError("only " + refusal.getSimpleName() + " with a message is documented", t);
            }
        }
    }

    /** Pieces of {@code words} and odd characters, in any order. */
    public static String text(Random random, String... words) {
        StringBuilder text = new StringBuilder();
        int pieces = random.nextInt(12);
        for (int i = 0; i < pieces; i++) {
            if (random.nextInt(6) == 0) {
                text.append((char) (random.nextInt(4) == 0 ? random.nextInt(0x10000) : 32 + random.nextInt(95)));
            } else {
                text.append(words[random.nextInt(words.length)]);
            }
        }
        return text.toString();
    }
}
