package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BenchEmbedTest {
    private static final Path MODEL =
            Path.of("..", "spark-plugin", "src", "test", "resources", "models", "sentence-bert");

    @Test
    void timesEachSizeOfPassesAndComparesTheirVectors() {
        assertThat(Files.isDirectory(MODEL)).isTrue();

        JobRun run = JobRun.of(
                "bench embed --means 8,30 --pass-tokens 16,400 --tokens 900 --runs 1 --warm-up 0 --threads 2",
                "--model " + MODEL);

        assertThat(run.status()).as(run.err()).isZero();
        List<String> lines =
                run.out().lines().filter(line -> line.startsWith("{")).toList();
        assertThat(lines).hasSize(4).allMatch(line -> line.contains("\"difference\": 0.0e+00"));
        assertThat(lines.get(0))
                .contains("\"mean\": 8, \"side\": \"ours\", \"use\": \"passes of 16 tokens, 2 x 1 thread\"");
        assertThat(lines.get(3)).contains("\"mean\": 30", "passes of 400 tokens");
        assertThat(run.out()).contains("mean of 30 tokens: tokens/s");
    }

    @Test
    void refusesWhatIsNoCount() {
        assertThat(JobRun.of("bench embed --model " + MODEL, "--means 0").err()).contains("must be 1 or more");
        assertThat(JobRun.of("bench embed").err()).contains("--model is needed");
        assertThat(JobRun.of("bench embed --model no-such-folder").status()).isNotZero();
    }
}
