package org.pagedattention.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.scoring.LocalSpark;

class OutputCommitTest {
    private static final SparkSession SPARK = LocalSpark.SESSION;

    @TempDir
    private Path folder;

    @Test
    void leavesTheMarkToThoseWhoCountTheRows() throws IOException {
        Path table = folder.resolve("out");
        List<String> lines = CommittedFiles.write(SPARK, table, 3, part -> {});
        assertThat(lines).containsExactlyInAnyOrder("0", "1", "2");
        try (Stream<Path> files = Files.list(table)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(3)
                    .allMatch(name -> name.startsWith("part-"));
        }
    }

    @Test
    void showsNothingOfAJobThatIsNotCommitted() throws IOException {
        Path table = folder.resolve("out");
        assertThatThrownBy(() -> CommittedFiles.write(SPARK, table, 3, part -> {
                    if (part == 1) {
                        throw new IOException("no more room");
                    }
                }))
                .hasMessageContaining("no more room");
        try (Stream<Path> files = Files.list(table)) {
            assertThat(files.filter(file -> file.toString().endsWith(".txt"))).isEmpty();
        }
    }
}
