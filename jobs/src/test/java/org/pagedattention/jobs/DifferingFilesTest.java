package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose files have different columns, of which Spark takes those of one file: a job tells of it. */
class DifferingFilesTest extends RefusalTests {

    @ParameterizedTest
    @ValueSource(strings = {"parquet", "orc"})
    void columnsThatOneFileHasAreToldOf(String format) {
        Path in = table(format, plain(), plain().withColumn("Extra", functions.lit(1)));
        JobRun run = score(in, format);
        assertThat(run.err()).containsOnlyOnce("note: 1 of 2 files of --input " + in + " ");
        if (columns("out").contains("Extra")) {
            assertThat(run.err()).contains("lack columns of the table, which are null in their rows: Extra");
        } else {
            assertThat(run.err()).contains("leaves out", "Extra;", "spark.sql." + format + ".mergeSchema=true");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"parquet", "orc"})
    void columnsOfAllFilesAreThereOnRequest(String format) {
        Path in = table(format, plain(), plain().withColumn("extra", functions.lit(1)));
        String key = "spark.sql." + format + ".mergeSchema";
        JobRun.spark().conf().set(key, "true");
        try {
            assertThat(score(in, format).err()).doesNotContain("note:");
        } finally {
            JobRun.spark().conf().unset(key);
        }
        assertThat(columns("out")).contains("extra");
    }

    @Test
    void namesOfAnotherCaseAreNoOthersUnlessCaseCounts() {
        Path in = table("parquet", plain(), plain().withColumnRenamed("name", "NAME"));
        assertThat(score(in, "parquet").err()).doesNotContain("note:");
        JobRun.spark().conf().set("spark.sql.caseSensitive", "true");
        try {
            assertThat(JobRun.of("lengths " + JobRun.SHAPE + " --input " + in).err())
                    .contains("leaves out", "lack columns", "null in their rows")
                    .containsPattern("(?i)name;");
        } finally {
            JobRun.spark().conf().unset("spark.sql.caseSensitive");
        }
    }

    @Test
    void columnsOfFoldersAreNoneOfFiles() {
        plain().write().parquet(own.resolve("in/day=1").toString());
        plain().write().parquet(own.resolve("in/day=2").toString());
        assertThat(score(own.resolve("in"), "parquet").err()).doesNotContain("note:");
        assertThat(columns("out")).contains("day");
    }

    @Test
    void namesThatDifferInCaseAloneGetTheSettingThatReadsThem() {
        JobRun.spark().conf().set("spark.sql.caseSensitive", "true");
        try {
            table("parquet", plain().withColumn("ID", functions.lit(1)));
        } finally {
            JobRun.spark().conf().unset("spark.sql.caseSensitive");
        }
        assertWrongUsage(
                JobRun.of("score --output " + own.resolve("out"), JobRun.SHAPE, "--input " + own.resolve("in")),
                "has columns whose names differ in case alone: give --conf spark.sql.caseSensitive=true");
    }

    @ParameterizedTest
    @CsvSource({
        "int64 x (TIMESTAMP(NANOS%true)), spark.sql.legacy.parquet.nanosAsLong=true",
        "fixed_len_byte_array(16) x (UUID), as another type"
    })
    void typesThatSparkDoesNotReadAreNamed(String column, String advice) throws IOException {
        MessageType table =
                MessageTypeParser.parseMessageType("message m { optional " + column.replace('%', ',') + "; }");
        org.apache.hadoop.fs.Path file =
                new org.apache.hadoop.fs.Path(own.resolve("in.parquet").toUri());
        ExampleParquetWriter.builder(file).withType(table).build().close();
        String type = column.contains("UUID") ? "UUID" : "TIMESTAMP(NANOS,true)";
        assertWrongUsage(
                JobRun.of("score --output " + own.resolve("out"), JobRun.SHAPE, "--input " + file),
                "has a column of Parquet's type ",
                "(" + type,
                ", which Spark does not read: ",
                advice);
    }

    private static Dataset<Row> plain() {
        return JobRun.table(shared.resolve("in")).coalesce(1);
    }

    @SafeVarargs
    private Path table(String format, Dataset<Row>... files) {
        for (Dataset<Row> file : files) {
            file.write().format(format).mode("append").save(own.resolve("in").toString());
        }
        return own.resolve("in");
    }

    private JobRun score(Path in, String format) {
        JobRun run = JobRun.of(
                "score --output " + own.resolve("out"), JobRun.SHAPE, "--input " + in, "--input-format " + format);
        assertThat(run.status()).as(run.err()).isZero();
        return run;
    }

    private List<String> columns(String table) {
        return new ArrayList<>(List.of(JobRun.table(own.resolve(table)).columns()));
    }
}
