package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What tests of wrong command lines share: a small table, and what a refusal looks like. */
abstract class RefusalTests {
    static final String SCORE = "score --output /nowhere/out " + JobRun.SHAPE;

    @TempDir
    static Path shared;

    @TempDir
    Path own;

    @BeforeAll
    static void generateInput() {
        JobRun.spark();
        JobRun.generate(shared.resolve("in"), "--sequences 3 --lengths fixed:2");
    }

    static String input() {
        return "--input " + shared.resolve("in");
    }

    static void assertWrongUsage(JobRun run, String... hints) {
        assertThat(run.err()).contains(hints);
        assertThat(run.err()).doesNotContain("\tat ");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }
}
