package org.pagedattention.scoring.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pagedattention.files.InputException;
import org.pagedattention.scoring.LocalSpark;

class InputFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void write() {
        for (String name : new String[] {"nested", "nested/more", "stray/x=1", "stray/x=2", "stray"}) {
            LocalSpark.SESSION
                    .range(1)
                    .coalesce(1)
                    .write()
                    .mode("append")
                    .parquet(folder.resolve(name).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nested", "stray", "st*", "{nested,none}"})
    void filesThatSparkLeavesOutAreNamed(String path) {
        assertThatThrownBy(() -> InputFiles.requireAll(open(path)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("Spark would leave out 1 file, file:" + folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nested/more", "nested/{more,*.parquet}", "stray/x=*", "stray/x=1"})
    void whatIsReadAsAWholeIsFine(String path) {
        Dataset<Row> table = open(path);
        InputFiles.requireAll(table);
        assertThat(InputFiles.of(table)).hasSize((int) table.count());
    }

    @Test
    void filesReadTwiceAreNamed() {
        assertThatThrownBy(() -> InputFiles.requireAll(open("{nested/more,nested/mor*}")))
                .hasMessageContaining("would be read twice");
    }

    @Test
    void whatAnOptionOfTheReaderLeavesOutIsMeant() {
        String nested = folder.resolve("nested").toString();
        DataFrameReader reader = LocalSpark.SESSION.read();
        InputFiles.requireAll(reader.option("recursiveFileLookup", "true").parquet(nested));
        InputFiles.requireAll(
                LocalSpark.SESSION.read().option("pathGlobFilter", "*.parquet").parquet(nested));
    }

    @Test
    void filesOfTheOtherReadersOfSparkAreSeenToo() throws IOException {
        String key = "spark.sql.sources.useV1SourceList";
        String before = LocalSpark.SESSION.conf().get(key);
        LocalSpark.SESSION.conf().set(key, "");
        try {
            filesThatSparkLeavesOutAreNamed("nested");
            Files.createFile(folder.resolve("nested/more/b.parquet"));
            assertThatThrownBy(() -> InputFiles.requireAll(open("nested/more")))
                    .hasMessageContaining("b.parquet has 0 bytes");
        } finally {
            LocalSpark.SESSION.conf().set(key, before);
        }
    }

    @Test
    void aTableThatIsNoFilesHasNone() {
        Dataset<Row> table = LocalSpark.SESSION.range(3).toDF();
        InputFiles.requireAll(table);
        assertThat(InputFiles.of(table)).isEmpty();
    }

    private Dataset<Row> open(String path) {
        return LocalSpark.SESSION.read().schema("id long").parquet(folder + "/" + path);
    }
}
