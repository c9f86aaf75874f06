package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pagedattention.jobs.generate.Lengths;

/** Command lines of random words: refused with a message and status 2, never with a stack trace. */
class OptionsFuzzTest {
    private static final long TIMES = Long.getLong("pagedattention.fuzz", 1);
    private static final String[] WORDS = {
        "score",
        "--input",
        "--output",
        "--query-heads",
        "--kv-heads",
        "--head-dim",
        "--value-dim",
        "--dtype",
        "--mask",
        "--window",
        "--scale",
        "--emit",
        "--pool",
        "--head",
        "--backend",
        "--page-size",
        "--layout",
        "--batch-tokens",
        "--on-bad-row",
        "--mode",
        "--resume",
        "--unit-bytes",
        "4",
        "-1",
        "0",
        "99999999999",
        "fp16",
        "fp8",
        "causal",
        "o,lse",
        "o,,",
        "quarantine=",
        "quarantine=/x",
        "null",
        "=",
        "",
        " ",
        "-",
        "--",
        "@",
        "1e999",
        "NaN",
        "é\u0000"
    };

    @Test
    void refusesWithAMessage() {
        int inputs = 300;
        for (long seed = 0; seed < inputs * TIMES; seed++) {
            String[] arguments = arguments(new Random(seed * 0x9e3779b97f4a7c15L));
            JobRun run = JobRun.ofWords(arguments);
            assertThat(run.status())
                    .as("seed %d: %s: %s", seed, List.of(arguments), run.err())
                    .isEqualTo(2);
            assertThat(run.err()).startsWith("error: ").doesNotContain("\tat ");
            assertThat(run.out()).isEmpty();
        }
        System.out.printf("fuzz: %,d command lines%n", inputs * TIMES);
    }

    @Test
    void lengthsOfRandomTextAreReadOrRefused() {
        int inputs = 1000;
        for (long seed = 0; seed < inputs * TIMES; seed++) {
            Random random = new Random(seed * 0x9e3779b97f4a7c15L);
            String text = String.join(
                    ":",
                    random.ints(random.nextInt(5), 0, WORDS.length)
                            .mapToObj(i -> WORDS[i])
                            .toList());
            try {
                assertThat(Lengths.parse(random.nextBoolean() ? "uniform:" + text : "lognormal:" + text)
                                .draw(random))
                        .isNotNegative();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        System.out.printf("fuzz: %,d lengths%n", inputs * TIMES);
    }

    /** Always without an input, so that no job starts. */
    private static String[] arguments(Random random) {
        List<String> words = new ArrayList<>(List.of("score"));
        int count = 1 + random.nextInt(14);
        for (int i = 0; i < count; i++) {
            String word = WORDS[random.nextInt(WORDS.length)];
            if (!word.equals("--input")) {
                words.add(word);
            }
        }
        return words.toArray(String[]::new);
    }
}
