package org.pagedattention.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are whole are not called damaged; the messages are those of Spark, Parquet, ORC and Hadoop. */
class ReadingFaultsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Unsupported encoding: BYTE_STREAM_SPLIT | BYTE_STREAM_SPLIT, which | spark.sql.parquet.enableVectorizedReader=false
            java.lang.ClassNotFoundException: org.apache.hadoop.io.compress.BrotliCodec | lacks the codec's class org.apache.hadoop.io.compress.BrotliCodec | --jars
            Relative path in absolute URI: .2026-01-01T00:00:00.parquet.crc | a colon in its name | rename it
            native zStandard library not available: this version of libhadoop was built without zstd support. | lacks the native library | gzip
            column: [id], physicalType: INT64, logicalType: int | has column id as INT64 | as int
            Unable to create a Parquet converter for the data type "INT" whose Parquet type is optional int64 id. | has column id as int64 | as INT
            ORC does not support type conversion from file type bigint (1) to reader type int (1) | has a column as bigint | as int
            Trying to read file with encrypted footer. No keys available | is encrypted | parquet.crypto.factory.class
            [INCONSISTENT_BEHAVIOR_CROSS_VERSION.READ_ANCIENT_DATETIME] You may get | calendar | datetimeRebaseModeInRead=LEGACY
            Found duplicate field(s) "id": [id, ID] in case-insensitive mode. | case alone | spark.sql.caseSensitive=true
            Checksum error: file:/in/a.parquet at 0 exp: 1 got: 2 | .crc | delete that one
            java.net.SocketTimeoutException: Read timed out | SocketTimeoutException | run the job again
            """)
    void aFileThatIsWholeIsNotCalledDamaged(String cause, String what, String cure) {
        Exception deepest = new IOException(cause);
        Exception reading = new IllegalStateException(
                "[FAILED_READ_FILE.NO_HINT] Encountered error while reading file file:/in/a.parquet.", deepest);
        assertThat(Failures.message(reading))
                .contains("/in/a.parquet", what, cure)
                .doesNotContain("damaged", "remove it");
    }

    @Test
    void aNameThatCannotBeSaidIsNotCalledDamaged() {
        String said = "Malformed input or input contains unmappable characters: /in/K?ln.parquet";
        assertThat(Failures.message(new IOException(said)))
                .contains("the name /in/K?ln.parquet", "spark.executorEnv.LC_ALL=C.UTF-8")
                .doesNotContain("damaged");
        assertThat(Failures.message(new IOException("File file:/in/K\u00f6ln.parquet does not exist")))
                .contains("was removed or replaced", "spark.executorEnv.LC_ALL=C.UTF-8");
    }
}
