package org.pagedattention.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableEntriesTest {
    private static final TableEntries PARQUET = new TableEntries("parquet");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "part-00000-3a.c000.snappy.parquet",
                "part-0",
                "unit-00003-part-00000.parquet",
                "x.parquet",
                "data_0.parquet.gz",
                "x.pq",
                "x.orc",
                "000000_0",
                "000001_0_copy_1",
                "_SUCCESS",
                "_manifest.json",
                "_running",
                "._SUCCESS.crc",
                ".part-0.crc",
                ".x.parquet.crc",
                "._manifest.json.partial",
                ".DS_Store"
            })
    void filesOfATable(String name) {
        assertThat(PARQUET.mayHold(name, false)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"notes.txt", ".bashrc", "README.md", "x.csv", "settings.json", "parquet", "unit-tests", "2024"})
    void filesOfSomethingElse(String name) {
        assertThat(PARQUET.mayHold(name, false)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"day=2024-01-01", "day=", "_temporary", "_units", ".spark-staging-1", ".hive-staging_1"})
    void foldersOfATable(String name) {
        assertThat(PARQUET.mayHold(name, true)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sequences.parquet", "part-0", "data", ".ssh", ".git", "=x", "_archive", "_delta_log"})
    void foldersOfSomethingElse(String name) {
        assertThat(PARQUET.mayHold(name, true)).as("a table in it, say").isFalse();
    }

    @Test
    void filesAreNamedAfterTheFormat() {
        assertThat(new TableEntries("CSV").mayHold("x.csv.gz", false)).isTrue();
        assertThat(new TableEntries("csv").mayHold("x.json", false)).isFalse();
        assertThat(new TableEntries("text").mayHold("x.txt", false)).isTrue();
    }

    @Test
    void formatsThatKnowBetterAreLeftToThemselves() {
        assertThat(new TableEntries("delta").ownLayout()).isTrue();
        assertThat(new TableEntries("Parquet").ownLayout()).isFalse();
    }
}
