package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.pagedattention.scoring.input.ReadSettings;

/** Tables of which Spark reads other values than they hold. */
class DeltaPagesJobsTest extends TableJobs {
    private static final String CODEC = "spark.sql.parquet.compression.codec";
    private static final String VERSION = "parquet.writer.version";

    @Test
    void scoresAndVerifiesWhatTheTableHolds() {
        Path input = own.resolve("delta");
        asDeltaPages(input(), input);
        assertDone(score(input, own.resolve("out"), "--emit o,lse"));
        assertDone(verify(shared.resolve("in"), own.resolve("out")));
        assertDone(verify(input, own.resolve("out")));
        JobRun lengths = JobRun.of("lengths --input " + input, JobRun.SHAPE);
        assertDone(lengths);
        assertThat(lengths.out()).containsPattern("sequences +" + ROWS + "\n").doesNotContain("bad rows");
    }

    @Test
    void verifyDoesNotReadAsAWrongRunDid() {
        Path right = own.resolve("right");
        asDeltaPages(finiteWhereverItIsCut(), right);
        SparkSession wrong = JobRun.spark().newSession();
        wrong.conf().set(ReadSettings.VECTORED_READS, "true");
        Path misread = own.resolve("misread");
        wrong.read().parquet(right.toString()).write().parquet(misread.toString());
        assertDone(score(misread, own.resolve("out"), "--on-bad-row null"));
        assertThat(verify(misread, own.resolve("out")).status()).isZero();
        JobRun run = verify(right, own.resolve("out"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("error: o of row");
    }

    /** PlainTensors of bytes that make a small fp16 number whichever two of them meet. */
    private static Dataset<Row> finiteWhereverItIsCut() {
        Random random = new Random(1);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(RowFactory.create(i, bytes(random, 5 * 128), bytes(random, 5 * 64), bytes(random, 5 * 64)));
        }
        return JobRun.spark().createDataFrame(rows, StructType.fromDDL("id INT, q BINARY, k BINARY, v BINARY"));
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (0x20 + random.nextInt(0x20));
        }
        return bytes;
    }

    @Test
    void refusesToWriteWhatSparkMisreads() {
        var hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        String codec = JobRun.spark().conf().get(CODEC);
        hadoop.set(VERSION, "v2");
        JobRun.spark().conf().set(CODEC, "uncompressed");
        try {
            JobRun run = score(shared.resolve("in"), own.resolve("out"));
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains(VERSION + " is v2", CODEC + " is uncompressed", "set the codec to snappy");
            assertThat(own.resolve("out")).doesNotExist();
            assertThat(JobRun.generate(own.resolve("made"), "--sequences 3").err())
                    .contains(VERSION + " is v2");
            JobRun.spark().conf().set(CODEC, "snappy");
            assertDone(score(shared.resolve("in"), own.resolve("out")));
        } finally {
            hadoop.unset(VERSION);
            JobRun.spark().conf().set(CODEC, codec);
        }
        assertDone(verify(shared.resolve("in"), own.resolve("out")));
    }

    @Test
    void refusesVectoredReadsThatSomebodyAsksFor() {
        var hadoop = JobRun.spark().sparkContext().hadoopConfiguration();
        hadoop.set(ReadSettings.VECTORED_READS, "true");
        try {
            JobRun run = JobRun.of("lengths --input " + shared.resolve("in"), JobRun.SHAPE);
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains(ReadSettings.VECTORED_READS + " is true", "leave the setting out");
        } finally {
            hadoop.unset(ReadSettings.VECTORED_READS);
        }
    }

    private static void asDeltaPages(Dataset<Row> table, Path path) {
        table.coalesce(1)
                .write()
                .option(VERSION, "v2")
                .option("parquet.enable.dictionary", "false")
                .option("compression", "none")
                .parquet(path.toString());
    }
}
